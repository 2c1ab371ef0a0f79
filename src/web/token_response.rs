//! What a customer's token endpoint answers.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::signer::WidgetToken;

/// The answer of a customer's token endpoint: `{"token":"…","expires_at":1700003600}`, in seconds since 1970.
///
/// With the feature `axum` or `actix` a handler returns it as it is: JSON, with `Cache-Control: no-store`. In another
/// framework, serialise it and send that header yourself. What the route must hold to stands in
/// [the module's documentation](crate::web#the-token-endpoint).
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
pub struct TokenResponse(WidgetToken);

impl From<WidgetToken> for TokenResponse {
    fn from(token: WidgetToken) -> Self {
        Self(token)
    }
}

impl Serialize for TokenResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("TokenResponse", 2)?;
        members.serialize_field("token", &self.0)?;
        members.serialize_field("expires_at", &self.0.expires_at().unix_timestamp())?;
        members.end()
    }
}
