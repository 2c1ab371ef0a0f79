//! Properties over generated identities, tokens and bytes. `scripts/properties` runs them for longer.

use boostgpt_sso::{Identity, Verifier, VerifyError};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{rules::MISSING_VALUES, support::*};

/// What JSON escapes, and what Unicode has for invisible characters and for the ends of its ranges.
const HOSTILE: &str = "\"\\/<>&'`{}[]:,\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f}\u{7f}\
                       \u{2028}\u{2029}\u{202e}\u{feff}\u{ffff}\u{10ffff}";

/// Any text of `0..=max_length` characters, hostile ones often among them; NUL only where it is asked for.
fn text(max_length: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        8 => any::<char>(),
        4 => prop::char::range(' ', '~'),
        2 => select(HOSTILE.chars().collect::<Vec<_>>()),
        1 => select("é漢字عरהי😀👩\u{200d}🚀".chars().collect::<Vec<_>>()),
    ];
    vec(character.prop_filter("NUL", |c| *c != '\0'), 0..=max_length).prop_map(String::from_iter)
}

/// Cuts a text at a character so that it has at most this many bytes.
fn at_most(mut text: String, bytes: usize) -> String {
    while text.len() > bytes {
        text.pop();
    }
    text
}

/// Identities of every kind that can be made, the longest among them.
pub fn identity() -> impl Strategy<Value = Identity> {
    let part = |max_length: usize| text(max_length).prop_map(|text| text.replace('@', "a"));
    let email = (part(64), part(189)).prop_filter_map("no address", |(local, domain)| {
        let allowed = |text: String, address: fn(char) -> String| {
            text.chars().filter(|c| Identity::new(&address(*c)).is_ok()).collect::<String>()
        };
        let local = at_most(allowed(local, |c| format!("{c}@b")), 64);
        let domain = at_most(allowed(domain, |c| format!("a@b{c}b")), 189);
        Identity::new(&format!("{local}@{domain}")).ok()
    });
    let plain = "[a-z]{1,10}@[a-z]{1,10}\\.com".prop_map(|email| Identity::new(&email).unwrap());
    let id = prop_oneof![
        4 => text(255).prop_map(|id| at_most(id, 255)),
        4 => any::<u64>().prop_map(|id| id.to_string()),
        1 => select(MISSING_VALUES.to_vec()).prop_map(str::to_owned),
    ];
    (prop_oneof![email, plain], prop_oneof![text(256), text(12)], id).prop_map(|(identity, name, id)| {
        let identity = identity.with_name(&name).unwrap();
        // What is no id is refused; a program then signs without one.
        let refused = identity.clone().with_external_id(&id).is_err();
        assert_eq!(refused, MISSING_VALUES.contains(&id.as_str()));
        if refused { identity } else { identity.with_external_id(&id).unwrap() }
    })
}

proptest! {
    #[test]
    fn everything_signable_verifies_and_comes_back_equal(
        identity in identity(),
        lifetime in 1..=3600_i64,
        now in 0..=253_402_300_799_i64 - 3600,
        bound in any::<bool>(),
    ) {
        let mut signer = signer().with_lifetime(seconds(lifetime)).unwrap();
        let mut verifier = verifier();
        if bound {
            (signer, verifier) = (signer.for_bot(bot()), verifier.for_bot(bot()));
        }
        let token = signer.sign_at(&identity, at(now));
        for second in [0, lifetime / 2, lifetime - 1] {
            let visitor = verifier.verify_at(&token, at(now + second)).unwrap();
            prop_assert_eq!(visitor.identity(), &identity);
            prop_assert_eq!(visitor.issued_at(), Some(at(now)));
            prop_assert_eq!(visitor.expires_at(), at(now + lifetime));
        }
        let expired = VerifyError::Expired { exp: at(now + lifetime), now: at(now + lifetime) };
        prop_assert_eq!(verifier.verify_at(&token, at(now + lifetime)), Err(expired));
        let other = Verifier::new(&boostgpt_sso::SsoSecret::generate().unwrap());
        prop_assert_eq!(other.verify_at(&token, at(now)), Err(VerifyError::BadSignature));
    }

    #[test]
    fn any_single_byte_change_insertion_deletion_or_swap_is_refused(
        identity in identity(),
        position in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let good = String::from(signer().sign_at(&identity, now())).into_bytes();
        let (position, other) = (position.index(good.len()), other.index(good.len()));
        let [mut changed, mut inserted, mut deleted, mut swapped] = [(); 4].map(|()| good.clone());
        changed[position] = byte;
        inserted.insert(position, byte);
        deleted.remove(position);
        swapped.swap(position, other);
        for token in [changed, inserted, deleted, swapped] {
            prop_assert_eq!(present(&token).is_ok(), token == good);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_are_refused(bytes in vec(any::<u8>(), 0..9000)) {
        prop_assert!(present(&bytes).is_err());
        // Behind a correct signature too.
        prop_assert!(header_verdict(&bytes).is_err());
        prop_assert!(payload_verdict(&bytes).is_err());
    }

    /// Every accepted token keeps the promises, whatever program wrote it: these are all correctly signed.
    #[test]
    fn whatever_is_accepted_keeps_the_promises(
        members in vec((
            select(vec!["exp", "iat", "nbf", "aud", "email", "name", "external_id", "sub", "\\u0065xp"]),
            prop_oneof![
                (-70..3700_i64).prop_map(|near| (NOW + near).to_string()),
                (0..4000_i64).prop_map(|near| format!("{}.5", NOW + near)),
                select(vec!["null", "0", "\"\"", "\"a@b\"", "\"x\"", "[]", "7", "1e3", "{}", "true"])
                    .prop_map(str::to_owned),
                any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
            ],
        ), 0..5),
        base in any::<bool>(),
    ) {
        let mut text = members.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect::<Vec<_>>();
        let has = |wanted: &str| members.iter().any(|(name, _)| *name == wanted);
        if base && !has("exp") && !has("\\u0065xp") {
            text.push(format!(r#""exp":{}"#, NOW + 1800));
        }
        if base && !has("email") {
            text.push(r#""email":"ada@example.com""#.to_owned());
        }
        if let Ok(visitor) = payload_verdict(format!("{{{}}}", text.join(","))) {
            prop_assert!(visitor.expires_at() > now());
            prop_assert!(visitor.expires_at() <= now() + seconds(3660));
            if let Some(issued_at) = visitor.issued_at() {
                prop_assert!(issued_at <= now() + seconds(60));
                prop_assert!(visitor.expires_at() > issued_at);
                prop_assert!(visitor.expires_at() <= issued_at + seconds(3600));
            }
            // Its identity can be made, and signed, by anybody.
            let again = Identity::new(visitor.email().as_str()).unwrap();
            let again = again.with_name(visitor.name().unwrap_or_default()).unwrap();
            let again = again.with_external_id(visitor.external_id().unwrap_or_default()).unwrap();
            prop_assert_eq!(&again, visitor.identity());
        }
    }
}

/// The same as the property above, for one token and every byte at every position.
#[test]
fn every_single_byte_change_of_one_token_is_refused() {
    let good = String::from(signer().sign_at(&ada(), now())).into_bytes();
    accepted(present(&good));
    for position in 0..good.len() {
        for byte in 0..=u8::MAX {
            let mut token = good.clone();
            token[position] = byte;
            assert_eq!(present(&token).is_ok(), token == good, "{byte} at {position}");
        }
        let mut shorter = good.clone();
        shorter.remove(position);
        assert!(present(shorter).is_err());
        assert!(present(&good[..position]).is_err());
    }
}
