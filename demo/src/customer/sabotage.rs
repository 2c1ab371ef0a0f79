//! What no site should do: tokens that BoostGPT refuses, to see that their visitors are anonymous and see no
//! error.

use boostgpt_sso::{
    Identity, Signer, SsoSecret, WidgetToken,
    time::{Duration, OffsetDateTime},
};
use serde::Deserialize;

use super::keys::Keys;

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Sabotage {
    #[default]
    None,
    Tampered,
    Expired,
    OldSecret,
}

impl Sabotage {
    /// The choices of the form, with this one chosen. Their values are the names that `Deserialize` reads.
    pub(super) fn choices(self) -> String {
        let choice = |(sabotage, value, name)| {
            let checked = if sabotage == self { " checked" } else { "" };
            format!("<label><input type=radio name=sabotage value={value} required{checked}> {name}</label>")
        };
        let all = [
            (Self::None, "none", "Correct token"),
            (Self::Tampered, "tampered", "Changed on the way"),
            (Self::Expired, "expired", "Expired"),
            (Self::OldSecret, "old-secret", "Signed with another secret"),
        ];
        all.map(choice).concat()
    }

    pub(super) fn sign(self, keys: &Keys, user: &Identity, now: OffsetDateTime) -> WidgetToken {
        match self {
            Self::None | Self::Tampered => keys.signer.sign_at(user, now),
            Self::Expired => keys.signer.sign_at(user, now - Duration::hours(2)),
            Self::OldSecret => keys.old.clone().unwrap_or_else(never_valid).sign_at(user, now),
        }
    }

    /// The page or the answer with the token in it, or with another token in its place.
    pub(super) fn spoil(self, token: &WidgetToken, text: &str) -> String {
        let tampered = token.as_str().replacen(".eyJ", ".eyK", 1);
        if self == Self::Tampered { text.replace(token.as_str(), &tampered) } else { text.to_owned() }
    }
}

fn never_valid() -> Signer {
    Signer::new(&SsoSecret::generate().expect("the operating system's generator"))
}
