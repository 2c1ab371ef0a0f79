//! The script tags of a customer's page.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::{
    address::{is_path, is_script},
    escape::{Attribute, ScriptString},
};
use crate::{coded::coded_error, id::BotId, signer::WidgetToken};

const WIDGET: &str = "https://embed.boostgpt.co/widget.js";
const ENDPOINT: &str = "/widget-token";

/// Writes the tags that put the chat widget into a customer's page, in both forms of the documentation.
///
/// | the page | method | may be cached |
/// |---|---|---|
/// | is made for one visitor | [`tag`](Self::tag), [`anonymous_tag`](Self::anonymous_tag) | no: `no-store` |
/// | is the same for every visitor | [`fetch_script`](Self::fetch_script) | yes, if it has no nonce |
///
/// Everything it writes is escaped for its place, and goes into the page's HTML as it is: no template engine
/// may escape it again.
///
/// ```
/// # use boostgpt_sso::{Identity, Signer, SsoSecret};
/// use boostgpt_sso::web::Snippet;
///
/// # let signer = Signer::new(&SsoSecret::generate()?);
/// # let user = Identity::new("ada@example.com")?;
/// let snippet = Snippet::new("0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?);
/// let page = format!("<!DOCTYPE html><title>Shop</title>{}", snippet.tag(&signer.sign(&user)));
/// assert!(page.contains(r#" data-bot-id="0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1" data-user-token="eyJ"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # A page that stays right
///
/// A browser keeps whole pages in memory and shows them again, as they were, when the visitor goes back. By
/// then another person may be logged in, or no one. So both forms have a script that listens to `pageshow`:
/// it ends the identity of a restored page at once, with `BoostGPTWidget.init({ botId })`. Then the page with
/// the tag loads again, and the other one fetches the token again. `docs/pages.md` has the rest of a page's
/// life: logout, another user, expiry, cookies, forged logins.
///
/// # The content security policy
///
/// A page with a policy lets the scripts in by a nonce ([`with_nonce`](Self::with_nonce)) or, if it is
/// cached, by their hashes ([`script_hashes`](Self::script_hashes)). `connect-src 'self'` lets
/// [`fetch_script`](Self::fetch_script) reach the token endpoint. Add `base-uri 'none'`: the scripts do not
/// follow a `<base href>` that an attacker smuggled into the page, but the page's own links and forms do.
#[derive(Clone)]
pub struct Snippet {
    bot: BotId,
    widget: String,
    endpoint: String,
    nonce: Option<String>,
    refresh: bool,
}

/// A text that a snippet cannot be made with. It repeats nothing of that text.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnippetError {
    /// The address of the widget's script.
    #[error(
        "script address is not a plain https URL (http on localhost alone) or an absolute path: \
         give it like https://embed.boostgpt.co/widget.js or /widget.js"
    )]
    Script,
    /// The path of the token endpoint.
    #[error("token endpoint is not an absolute path on the page's own origin: give it like /widget-token")]
    Endpoint,
    /// The nonce of the content security policy.
    #[error("nonce is not base64: give it as in the policy, without nonce- and quotes")]
    Nonce,
}

coded_error! {
    SnippetError {
        Self::Script => "script",
        Self::Endpoint => "endpoint",
        Self::Nonce => "nonce",
    }
}

impl Snippet {
    /// Makes a snippet for this agent, with BoostGPT's script and the token endpoint `/widget-token`.
    #[must_use]
    pub fn new(bot: BotId) -> Self {
        Self { bot, widget: WIDGET.to_owned(), endpoint: ENDPOINT.to_owned(), nonce: None, refresh: false }
    }

    /// Sets another address of the widget's script: an absolute `https` URL, an `http` one on `localhost`,
    /// `127.0.0.1` or `[::1]`, or an absolute path such as `/widget.js`; in plain ASCII, without user,
    /// password and fragment.
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
        if is_script(url) { Ok(Self { widget: url.to_owned(), ..self }) } else { Err(SnippetError::Script) }
    }

    /// Sets another token endpoint: an absolute path on the page's own origin, because its answer vouches for
    /// the visitor.
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

    /// Puts the nonce of the page's content security policy on each tag.
    ///
    /// Every response has a nonce of its own, so such a page must not be cached, not even one that is the
    /// same for every visitor: answer with `Cache-Control: no-store`. A page that is cached uses
    /// [`script_hashes`](Self::script_hashes).
    ///
    /// # Errors
    /// [`SnippetError::Nonce`]: it is not base64 or base64url [CSP 3 section 2.3.1].
    ///
    /// ```
    /// # use boostgpt_sso::web::Snippet;
    /// # let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?;
    /// let snippet = Snippet::new(bot).with_nonce("8IBTHwOdqNKAWeKl7plt8g==")?;
    /// assert!(snippet.fetch_script().to_string().contains(r#"<script nonce="8IBTHwOdqNKAWeKl7plt8g==">"#));
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

    /// Lets [`fetch_script`](Self::fetch_script) fetch a fresh token before the old one expires. Off by
    /// default.
    ///
    /// The script then asks the token endpoint again after 80 to 90 % of the token's life, when the page
    /// becomes visible or gets the focus, when the network comes back, and within five seconds after the
    /// machine slept. One request is under way at a time, and none begins while the page is hidden. A request
    /// that fails is retried after five seconds, then after twice as long each time, up to five minutes, less
    /// a random part of up to a half. The script looks at the clock every five seconds, so a retry may be up
    /// to five seconds later. An answer without a token ends the identity; a failed request leaves it as it
    /// is. If the user is another one, the identity of the first ends before the second begins. If the user
    /// is the same and the token still fresh, the widget is left alone.
    ///
    /// **With each fresh token the script calls `BoostGPTWidget.init` again. BoostGPT's public documentation
    /// does not say whether the widget accepts a second `init`**, nor whether an open chat survives it. The
    /// widget of this project's demo does; try it with the real one before you rely on it.
    ///
    /// ```
    /// # use boostgpt_sso::web::Snippet;
    /// # let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?;
    /// let snippet = Snippet::new(bot).with_refresh();
    /// assert!(snippet.fetch_script().to_string().contains("visibilitychange"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_refresh(self) -> Self {
        Self { refresh: true, ..self }
    }

    /// Writes the tag with the visitor's token in it, for a page that is made for this visitor, and a script
    /// that loads the page again if the browser restores it from its cache.
    ///
    /// Such a page must not be cached: answer with `Cache-Control: no-store`.
    #[must_use]
    pub fn tag<'a>(&'a self, token: &'a WidgetToken) -> impl fmt::Display {
        Tag { snippet: self, token: Some(token) }
    }

    /// Writes the same for a visitor who is not logged in: the widget works, and its visitor is anonymous.
    ///
    /// ```
    /// # use boostgpt_sso::web::Snippet;
    /// # let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?;
    /// assert!(!Snippet::new(bot).anonymous_tag().to_string().contains("data-user-token"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn anonymous_tag(&self) -> impl fmt::Display {
        Tag { snippet: self, token: None }
    }

    /// Writes two tags that are the same for every visitor: the widget, and a script that fetches the token
    /// from the endpoint and hands it to `BoostGPTWidget.init`.
    ///
    /// If the endpoint gives no token, the visitor is anonymous. The page may be cached, unless it has a
    /// nonce. After a login or logout that loads no page, run `dispatchEvent(new
    /// Event("boostgpt:identify"))` in it: the script ends the identity and fetches the token again.
    #[must_use]
    pub fn fetch_script(&self) -> impl fmt::Display {
        FetchScript(self)
    }

    /// Returns the sources that let the inline scripts of this snippet in, for the `script-src` of a content
    /// security policy without a nonce.
    ///
    /// They depend on the agent, the endpoint and [`with_refresh`](Self::with_refresh), and on the version of
    /// this crate: make the policy's header with them, do not copy them.
    ///
    /// ```
    /// # use boostgpt_sso::web::Snippet;
    /// # let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?;
    /// let hashes = Snippet::new(bot).script_hashes(); // 'sha256-…' 'sha256-…'
    /// let policy = format!(
    ///     "script-src https://embed.boostgpt.co {hashes}; connect-src 'self'; base-uri 'none'"
    /// );
    /// # assert_eq!(policy.matches("'sha256-").count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn script_hashes(&self) -> String {
        let hash = |script: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script)));
        format!("{} {}", hash(&self.reload_code()), hash(&self.fetch_code()))
    }

    /// The script beside a tag.
    fn reload_code(&self) -> String {
        self.fill(include_str!("scripts/restored.js"))
    }

    /// The script that fetches the token.
    fn fetch_code(&self) -> String {
        if self.refresh {
            let compact = |line: &str| line.trim_start().to_owned() + "\n";
            self.fill(&include_str!("scripts/refresh.js").lines().map(compact).collect::<String>())
        } else {
            self.fill(include_str!("scripts/fetch.js"))
        }
    }

    fn fill(&self, script: &str) -> String {
        let script = script.replace("BOT_ID", &self.bot.to_string());
        format!("\n{}", script.replace("\"ENDPOINT\"", &ScriptString(&self.endpoint).to_string()))
    }

    fn nonce(&self) -> impl fmt::Display {
        Nonce(self.nonce.as_deref())
    }
}

impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snippet")
            .field("bot", &self.bot)
            .field("script", &self.widget)
            .field("endpoint", &self.endpoint)
            .field("refresh", &self.refresh)
            .finish_non_exhaustive()
    }
}

struct Tag<'a> {
    snippet: &'a Snippet,
    token: Option<&'a WidgetToken>,
}

impl fmt::Display for Tag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { snippet, token } = self;
        let (nonce, widget) = (snippet.nonce(), Attribute(&snippet.widget));
        write!(f, r#"<script{nonce} src="{widget}" data-bot-id="{}""#, snippet.bot)?;
        if let Some(token) = token {
            write!(f, r#" data-user-token="{}""#, Attribute(token.as_str()))?;
        }
        write!(f, "></script>\n<script{nonce}>{}</script>", snippet.reload_code())
    }
}

struct FetchScript<'a>(&'a Snippet);

impl fmt::Display for FetchScript<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nonce, widget) = (self.0.nonce(), Attribute(&self.0.widget));
        write!(f, r#"<script{nonce} src="{widget}"></script>"#)?;
        write!(f, "\n<script{nonce}>{}</script>", self.0.fetch_code())
    }
}

/// The attribute of a nonce, if there is one.
struct Nonce<'a>(Option<&'a str>);

impl fmt::Display for Nonce<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |nonce| write!(f, r#" nonce="{}""#, Attribute(nonce)))
    }
}
