//! The site of the examples: its users, and its one page, which is the same for every visitor.

use boostgpt_sso::{Identity, IdentityError, web::Snippet};

/// Whom the site knows.
#[derive(Clone, Copy)]
pub(crate) struct User {
    pub(crate) id: &'static str,
    name: &'static str,
    email: &'static str,
}

/// Yours are in a database, and have passwords.
const USERS: &[User] = &[
    User { id: "42", name: "Ada Lovelace", email: "ada@example.com" },
    User { id: "43", name: "Grace Hopper", email: "grace@example.com" },
];

impl User {
    /// Returns the user with this id.
    pub(crate) fn with_id(id: &str) -> Option<Self> {
        USERS.iter().find(|user| user.id == id).copied()
    }

    /// Returns who the user is for BoostGPT. With the id, a changed address or name is still the same
    /// subscriber.
    pub(crate) fn identity(&self) -> Result<Identity, IdentityError> {
        Identity::new(self.email)?.with_name(self.name)?.with_external_id(self.id)
    }
}

/// Returns the page. It names no user, so a cache may keep it: its script asks who is logged in.
pub(crate) fn page(snippet: &Snippet) -> String {
    let choice = |user: &User| {
        format!("<label><input type=radio name=user value={} required> {}</label>\n", user.id, user.name)
    };
    let (users, widget) = (USERS.iter().map(choice).collect::<String>(), snippet.fetch_script());
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title>
<link rel="icon" href="data:,">
<main>
<h1>Shop</h1>
<form method="post" action="/login">
<fieldset><legend>Log in as</legend>
{users}</fieldset>
<button>Log in</button>
</form>
<form method="post" action="/logout"><button>Log out</button></form>
</main>
{widget}
"#
    )
}

/// Returns the page's content security policy: the widget's script by its address, the inline one by its
/// hash, and no `<base href>`.
pub(crate) fn policy(snippet: &Snippet, script: &str) -> String {
    let hashes = snippet.script_hashes();
    format!("script-src {script} {hashes}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
}
