//! What the dashboard shows once, after one of its forms was sent.

use boostgpt_sso::SsoSecret;

#[derive(Default)]
pub(super) struct Notice {
    pub(super) new_secret: Option<SsoSecret>,
    /// HTML.
    pub(super) diagnosis: String,
    pub(super) saved: bool,
    /// The secret was not regenerated: it is no longer the one that the page showed.
    pub(super) not_regenerated: bool,
}
