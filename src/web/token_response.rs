//! What a customer's token endpoint answers.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::signer::WidgetToken;

/// The answer of a customer's token endpoint: `{"token":"…","expires_at":1700003600}` (seconds since 1970),
/// or `{"token":null}` for a visitor who is not logged in.
///
/// With the feature `axum` or `actix` a handler returns it as it is: status 200, JSON, with `Cache-Control:
/// no-store`. In another framework, serialise it and send that header yourself. The rules for the route are
/// in [the module's documentation](crate::web#the-token-endpoint).
///
/// ```
/// # use boostgpt_sso::{Identity, Signer, SsoSecret, time::OffsetDateTime};
/// use boostgpt_sso::web::TokenResponse;
///
/// # let signer = Signer::new(&SsoSecret::generate()?);
/// # let user = Identity::new("ada@example.com")?;
/// let response = TokenResponse::from(signer.sign(&user));
/// assert!(serde_json::to_string(&response)?.starts_with(r#"{"token":"eyJ"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenResponse(Option<WidgetToken>);

impl TokenResponse {
    /// Makes the answer for a visitor who is not logged in: status 200 and no token.
    ///
    /// Not 401, because a browser prints every failed request of a page in red, and an anonymous visitor is
    /// no failure.
    ///
    /// ```
    /// # use boostgpt_sso::web::TokenResponse;
    /// assert_eq!(serde_json::to_string(&TokenResponse::anonymous())?, r#"{"token":null}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn anonymous() -> Self {
        Self(None)
    }
}

impl From<WidgetToken> for TokenResponse {
    fn from(token: WidgetToken) -> Self {
        Self(Some(token))
    }
}

impl Serialize for TokenResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members =
            serializer.serialize_struct("TokenResponse", if self.0.is_some() { 2 } else { 1 })?;
        members.serialize_field("token", &self.0)?;
        if let Some(token) = &self.0 {
            members.serialize_field("expires_at", &token.expires_at().unix_timestamp())?;
        }
        members.end()
    }
}
