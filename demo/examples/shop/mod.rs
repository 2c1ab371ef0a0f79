//! The site of the examples: its users, and its one page, which is the same for every visitor.

use boostgpt_sso::{BotId, Identity, IdentityError, web::Snippet};

/// The script of the page.
pub(crate) const SCRIPT: &str = include_str!("shop.js");

/// Whom the site knows.
#[derive(Clone, Copy)]
pub(crate) struct User {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    email: &'static str,
}

/// Yours are in a database, and have passwords.
const USERS: &[User] = &[
    User { id: "42", name: "Ada Lovelace", email: "ada@example.com" },
    User { id: "43", name: "Grace Hopper", email: "grace@example.com" },
    User { id: "44", name: "Nur <office> & Co", email: "nur@example.com" },
    // This address is none, so BoostGPT cannot know them: they stay anonymous in the chat.
    User { id: "45", name: "Kim", email: "kim at example.com" },
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

/// Returns the page. It does not say who is logged in, so a cache may keep it: its scripts ask.
pub(crate) fn page(snippet: &Snippet, bot: BotId) -> String {
    // `bdi`: a name that is written from right to left does not move what is beside it.
    let choice = |user: &User| {
        let (id, name) = (escape(user.id), escape(user.name));
        format!("<label><input type=radio name=user value=\"{id}\" required> <bdi>{name}</bdi></label>\n")
    };
    let (users, widget) = (USERS.iter().map(choice).collect::<String>(), snippet.fetch_script());
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title>
<link rel="icon" href="data:,">
<script src="/shop.js" defer></script>
<main>
<h1>Shop</h1>
<form method="post" action="/login">
<fieldset><legend>Log in as</legend>
{users}</fieldset>
<p><button>Log in</button></p>
</form>
<form method="post" action="/logout" id="logout" data-bot="{bot}" hidden>
<p><button>Log out</button></p>
</form>
</main>
{widget}
"#
    )
}

/// Returns the page's content security policy: the site's own script, the widget's by its address, the inline
/// one by its hash, no plug-ins and no `<base href>`. An address with `;` or `,` would end the directive in
/// the middle, so it is refused.
pub(crate) fn policy(snippet: &Snippet, script: &str) -> Result<String, &'static str> {
    if script.contains([';', ',']) {
        return Err("the address of the widget's script has ; or , in it: write %3B or %2C");
    }
    let hashes = snippet.script_hashes();
    Ok(format!(
        "script-src 'self' {script} {hashes}; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    ))
}

/// Escapes a text for HTML, for elements and quoted attributes. A template engine does this for you.
fn escape(text: &str) -> String {
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
