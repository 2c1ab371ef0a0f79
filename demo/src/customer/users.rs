//! The invented users of the site.

use boostgpt_sso::{Identity, IdentityError};

use crate::html::escape;

pub(super) struct User {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) email: &'static str,
}

const USERS: &[User] = &[
    User { id: "42", name: "Ada Lovelace", email: "ada@example.com" },
    User { id: "43", name: "Grace Hopper", email: "grace@example.com" },
    User {
        id: "44",
        name: r#"Mallory "><script>alert(1)</script><img src=x onerror=alert(1)> {{nonce}}"#,
        email: "mallory@example.com",
    },
];

impl User {
    pub(super) fn with_id(id: &str) -> Option<&'static Self> {
        USERS.iter().find(|user| user.id == id)
    }

    /// Who that is for BoostGPT: the id makes a changed address or name the same subscriber.
    pub(super) fn identity(&self) -> Result<Identity, IdentityError> {
        Identity::new(self.email)?.with_name(self.name)?.with_external_id(self.id)
    }

    /// The choices of the login form.
    pub(super) fn choices() -> String {
        let choice = |user: &Self| {
            let (id, name, email) = (user.id, escape(user.name), user.email);
            let hostile =
                if user.name.contains('<') { ": a hostile name, to show that it stays text" } else { "" };
            format!(
                "<label><input type=radio name=user value={id} required> \
                 <span><bdi>{name}</bdi> <small>{email}{hostile}</small></span></label>"
            )
        };
        USERS.iter().map(choice).collect()
    }
}
