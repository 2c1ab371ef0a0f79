//! The script tags of a customer's page.

use std::fmt;

use super::address::{is_path, is_script};
use crate::{id::BotId, signer::WidgetToken};

const SCRIPT: &str = "https://embed.boostgpt.co/widget.js";
const ENDPOINT: &str = "/widget-token";

/// The tags that put the chat widget into a customer's page, in both forms of the documentation.
///
/// What it writes is escaped for where it stands, and goes into the page's HTML as it is: no template engine may escape
/// it again.
///
/// ```
/// # use boostgpt_sso::{Identity, Signer, SsoSecret};
/// use boostgpt_sso::web::Snippet;
///
/// # let signer = Signer::new(&SsoSecret::generate()?);
/// # let user = Identity::new("ada@example.com")?;
/// let snippet = Snippet::new("0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?);
/// let page = format!("<!DOCTYPE html><title>Shop</title>{}", snippet.with_token(&signer.sign(&user)));
/// assert!(page.contains(r#" data-bot-id="0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1" data-user-token="eyJ"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Snippet {
    bot: BotId,
    script: String,
    endpoint: String,
    nonce: Option<String>,
}

/// What a snippet cannot be made with. It quotes nothing of what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnippetError {
    /// The script's address.
    #[error(
        "script address is not a plain https URL (http on localhost alone) or an absolute path: give it like https://embed.boostgpt.co/widget.js or /widget.js"
    )]
    Script,
    /// The path of the token endpoint.
    #[error("token endpoint is not an absolute path on the page's own origin: give it like /widget-token")]
    Endpoint,
    /// The nonce of the content security policy.
    #[error("nonce is not base64: give it as it stands in the policy, without nonce- and quotes")]
    Nonce,
}

impl Snippet {
    /// The tags for this agent, with BoostGPT's script and the token endpoint `/widget-token`.
    #[must_use]
    pub fn new(bot: BotId) -> Self {
        Self { bot, script: SCRIPT.to_owned(), endpoint: ENDPOINT.to_owned(), nonce: None }
    }

    /// The same with another address of the widget's script: an absolute `https` URL, an `http` one on `localhost`,
    /// `127.0.0.1` or `[::1]`, or an absolute path such as `/widget.js`; in plain ASCII, without user, password and fragment.
    ///
    /// # Errors
    /// [`SnippetError::Script`].
    ///
    /// ```
    /// # use boostgpt_sso::web::{Snippet, SnippetError};
    /// # let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?;
    /// let snippet = Snippet::new(bot).with_script("/static/widget.js?v=3")?;
    /// assert_eq!(snippet.with_script("//elsewhere.example/widget.js").unwrap_err(), SnippetError::Script);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_script(self, url: &str) -> Result<Self, SnippetError> {
        if is_script(url) { Ok(Self { script: url.to_owned(), ..self }) } else { Err(SnippetError::Script) }
    }

    /// The same with another token endpoint: an absolute path on the page's own origin, since it answers with what stands
    /// for the visitor.
    ///
    /// # Errors
    /// [`SnippetError::Endpoint`].
    ///
    /// ```
    /// # use boostgpt_sso::web::{Snippet, SnippetError};
    /// # let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?;
    /// let snippet = Snippet::new(bot).with_endpoint("/api/widget-token")?;
    /// assert_eq!(snippet.with_endpoint("https://api.example/token").unwrap_err(), SnippetError::Endpoint);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_endpoint(self, path: &str) -> Result<Self, SnippetError> {
        if is_path(path) {
            Ok(Self { endpoint: path.to_owned(), ..self })
        } else {
            Err(SnippetError::Endpoint)
        }
    }

    /// The same with the nonce of the page's content security policy, a new one for every response, on each tag.
    ///
    /// # Errors
    /// [`SnippetError::Nonce`]: it is not base64 or base64url [CSP 3 section 2.3.1].
    ///
    /// ```
    /// # use boostgpt_sso::web::Snippet;
    /// # let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?;
    /// let snippet = Snippet::new(bot).with_nonce("8IBTHwOdqNKAWeKl7plt8g==")?;
    /// assert!(snippet.fetching().to_string().contains(r#"<script nonce="8IBTHwOdqNKAWeKl7plt8g==">"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_nonce(self, nonce: &str) -> Result<Self, SnippetError> {
        let padding = if nonce.ends_with("==") { "==" } else { "=" };
        let digits = nonce.strip_suffix(padding).unwrap_or(nonce);
        let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
        if digits.is_empty() || !digits.bytes().all(is_digit) {
            return Err(SnippetError::Nonce);
        }
        Ok(Self { nonce: Some(nonce.to_owned()), ..self })
    }

    /// One tag with the visitor's token in it, for a page that is made for this visitor: it must not be cached for others.
    #[must_use]
    pub fn with_token<'a>(&'a self, token: &'a WidgetToken) -> impl fmt::Display {
        Tag { snippet: self, token: Some(token) }
    }

    /// The same tag for a visitor who is not logged in: the widget works, and its visitor is anonymous.
    ///
    /// ```
    /// # use boostgpt_sso::web::Snippet;
    /// # let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?;
    /// assert!(!Snippet::new(bot).without_token().to_string().contains("data-user-token"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn without_token(&self) -> impl fmt::Display {
        Tag { snippet: self, token: None }
    }

    /// Two tags, the same for every visitor: the page may be cached. The script fetches the token from the endpoint, and
    /// where that gives none (nobody is logged in) the visitor is anonymous.
    #[must_use]
    pub fn fetching(&self) -> impl fmt::Display {
        Fetching(self)
    }

    fn nonce(&self) -> impl fmt::Display {
        Nonce(self.nonce.as_deref())
    }
}

impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snippet")
            .field("bot", &self.bot)
            .field("script", &self.script)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

struct Tag<'a> {
    snippet: &'a Snippet,
    token: Option<&'a WidgetToken>,
}

impl fmt::Display for Tag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<script{nonce} src="{script}" data-bot-id="{bot}""#,
            nonce = self.snippet.nonce(),
            script = Attribute(&self.snippet.script),
            bot = self.snippet.bot,
        )?;
        if let Some(token) = self.token {
            write!(f, r#" data-user-token="{}""#, Attribute(token.as_str()))?;
        }
        f.write_str("></script>")
    }
}

struct Fetching<'a>(&'a Snippet);

impl fmt::Display for Fetching<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<script{nonce} src="{script}"></script>
<script{nonce}>
  fetch({endpoint}, {{ credentials: "same-origin" }})
    .then(response => response.ok ? response.json() : {{}})
    .then(answer => answer.token)
    .catch(() => undefined)
    .then(token => BoostGPTWidget.init(token ? {{ botId: "{bot}", userToken: token }} : {{ botId: "{bot}" }}));
</script>"#,
            nonce = self.0.nonce(),
            script = Attribute(&self.0.script),
            endpoint = ScriptString(&self.0.endpoint),
            bot = self.0.bot,
        )
    }
}

/// The attribute of a nonce, where there is one.
struct Nonce<'a>(Option<&'a str>);

impl fmt::Display for Nonce<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |nonce| write!(f, r#" nonce="{}""#, Attribute(nonce)))
    }
}

/// A text inside the double quotes of an attribute.
struct Attribute<'a>(&'a str);

impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            _ => write!(f, "{c}"),
        })
    }
}

/// A text as a string of JavaScript, in which nothing can end the script element.
struct ScriptString<'a>(&'a str);

impl fmt::Display for ScriptString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        self.0.encode_utf16().try_for_each(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_alphanumeric() || b"-._~!$()*+,;=:@/?% ".contains(&byte) => {
                write!(f, "{}", char::from(byte))
            }
            _ => write!(f, "\\u{unit:04x}"),
        })?;
        f.write_str("\"")
    }
}

/// What these two can write is more than a snippet accepts: they hold for any text. (`tests/web` reads whole snippets with an
/// HTML parser.)
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_attribute_gives_back_its_text(text in "[^\0\r]*") {
            let written = Attribute(&text).to_string();
            prop_assert!(!written.contains(['"', '\'', '<', '>']), "{}", written);
            let [quot, apos, lt, gt, amp] = ["&quot;", "&#39;", "&lt;", "&gt;", "&amp;"];
            let read = written.replace(quot, "\"").replace(apos, "'").replace(lt, "<").replace(gt, ">");
            prop_assert_eq!(read.replace(amp, "&"), text); // last, so that "&amp;lt;" is "&lt;"
        }

        #[test]
        fn a_string_of_a_script_gives_back_its_text(
            text in prop_oneof![any::<String>(), "[</script>!\\\\\"'\u{2028}-]*"],
        ) {
            let literal = ScriptString(&text).to_string();
            prop_assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), text);
            // And it has nothing that means something else to a script than to JSON, or to HTML.
            let plain = literal.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"<>&'`".contains(&byte));
            prop_assert!(plain, "{}", literal);
        }
    }
}
