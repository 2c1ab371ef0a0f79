//! The promises that are absences: what a type does not implement, and what its `Debug` does not show.

use std::fmt::{Debug, Display};

use crate::assertions::{assert_impl_all, assert_not_impl_any};
use boostgpt_sso::{
    BotId, Email, Identity, SecretError, Signer, SsoSecret, VerifiedIdentity, Verifier, VerifyError,
    WidgetToken,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::support::*;

// A secret goes nowhere by itself.
assert_not_impl_any!(SsoSecret: Display, Serialize, DeserializeOwned, AsRef<str>, AsRef<[u8]>, Copy);
// Signer and verifier show nothing, go everywhere.
assert_not_impl_any!(Signer: Display, Serialize);
assert_not_impl_any!(Verifier: Display, Serialize);
assert_impl_all!(Signer: Send, Sync, Clone, Debug);
assert_impl_all!(Verifier: Send, Sync, Clone, Debug);
// Holding one is the proof: it comes from a verifier and from nowhere else.
assert_not_impl_any!(VerifiedIdentity: DeserializeOwned, Default, From<Identity>, From<WidgetToken>);
// A presented token is text; a WidgetToken is one that was signed here.
assert_not_impl_any!(WidgetToken: DeserializeOwned, From<String>, std::str::FromStr, Default);
// Addresses are compared by their key.
assert_not_impl_any!(Email<'static>: PartialEq, std::hash::Hash);
// Errors go through every error type there is.
assert_impl_all!(VerifyError: std::error::Error, Send, Sync, Copy);
assert_impl_all!(SecretError: std::error::Error, Send, Sync);

#[test]
fn debug_shows_no_secret_token_or_claim() {
    let identity = Identity::new("ada@example.com")
        .unwrap()
        .with_name("Lovelace")
        .unwrap()
        .with_external_id("4711")
        .unwrap();
    let token = signer().for_bot(bot()).sign_at(&identity, now());
    let bound = verifier().for_bot(bot());
    let verified = bound.verify_at(&token, now()).unwrap();
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        secret(),
        identity.email(),
        identity,
        signer().for_bot(bot()),
        bound,
        token,
        verified
    );
    for hidden in
        ["ada", "example", "Lovelace", "4711", SECRET, &SECRET[..8], token.as_str(), &token.as_str()[40..60]]
    {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    assert!(
        shown.contains(r#"Identity { email: Email(..), name: Some(".."), external_id: Some("..") }"#),
        "{shown}"
    );
    assert_eq!(format!("{:?}", secret()), "SsoSecret(..)");
    assert_eq!(format!("{token:?}"), "WidgetToken { expires_at: 2026-11-22 13:00:00.0 +00:00:00, .. }");
    for (shown, member) in [(format!("{bound:?}"), "clock_skew"), (format!("{:?}", signer()), "lifetime")] {
        assert!(shown.contains(member) && shown.contains("bot: ") && shown.ends_with(", .. }"), "{shown}");
    }
    let without = format!("{:?}", ada());
    assert_eq!(without, "Identity { email: Email(..), name: None, external_id: None }");
}

#[cfg(feature = "store")]
#[test]
fn debug_of_what_a_store_is_given_and_gives_back_shows_no_personal_data() {
    use boostgpt_sso::{
        AccountId, ProjectId, SecretVersion, SubscriberId,
        store::{BotSecret, Lookup, ProvisionRequest, Subscriber},
    };

    let identity = Identity::new("ada@example.com").unwrap().with_name("Lovelace").unwrap();
    let identity = identity.with_external_id("kunde-4711").unwrap();
    let project = ProjectId::from_bytes([1; 16]);
    let bot_secret = BotSecret::new(bot(), project, SecretVersion::from_bytes([2; 16]), secret());
    let token = signer().sign_at(&identity, now());
    let visitor = bot_secret.verifier().verify_at(&token, now()).unwrap();
    let (id, account) = (SubscriberId::from_bytes([3; 16]), AccountId::from_bytes([4; 16]));
    let mut subscriber = Subscriber::new(project, id, account, NOW, now().date());
    subscriber.email = Some(identity.email().as_str().to_owned());
    subscriber.name = identity.name().map(str::to_owned);
    subscriber.external_id = identity.external_id().map(str::to_owned);
    let lookups = [Lookup::Email(identity.email()), Lookup::ExternalId("kunde-4711"), Lookup::Id(id)];
    let request = ProvisionRequest::new(visitor.clone(), now());
    let shown = format!("{subscriber:?} {lookups:?} {visitor:?} {request:?} {bot_secret:?}");
    for hidden in ["ada", "example.com", "Lovelace", "kunde", SECRET, &SECRET[..8], token.as_str()] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    for seen in [r#"email: Some("..")"#, "Email(..), ExternalId(..)", &id.to_string(), "ProvisionRequest"] {
        assert!(shown.contains(seen), "{seen} is not in {shown}");
    }
}

/// The key's state is all that signer and verifier keep: they are as large as a pointer, a number and an id.
#[test]
fn signer_and_verifier_are_cheap_to_clone() {
    assert!(size_of::<Signer>() <= 48, "{}", size_of::<Signer>());
    assert!(size_of::<Verifier>() <= 48, "{}", size_of::<Verifier>());
    assert_eq!(size_of::<Option<BotId>>(), 17);
}
