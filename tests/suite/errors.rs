//! The texts and codes of the errors, to the letter: people search for the one and alert on the other.

use std::{collections::BTreeSet, error::Error};

use boostgpt_sso::{Claim, ConfigError, IdError, IdentityError, SecretError, VerifyError};

use crate::support::*;

#[test]
fn verify_errors() {
    let hint = "give it as a string with one plain e-mail address of at most 254 bytes";
    for (error, code, text) in [
        (
            VerifyError::TooLong,
            "too_long",
            "token is longer than 8192 bytes: pass the widget token alone, and keep custom claims out of it",
        ),
        (
            VerifyError::Malformed,
            "malformed",
            "token is not three strict base64url segments with a JSON header: pass it unchanged, without \
             quotes, prefix or white space",
        ),
        (
            VerifyError::UnsupportedAlgorithm,
            "unsupported_algorithm",
            "token's alg is not HS256: sign with HS256, the only algorithm there is",
        ),
        (
            VerifyError::UnsupportedHeader,
            "unsupported_header",
            "token's header asks for an extension that widget tokens do not have: send only alg and typ",
        ),
        (
            VerifyError::BadSignature,
            "bad_signature",
            "token's signature does not match: sign with this agent's current SSO secret, as the \
             64-character text that was shown when it was generated",
        ),
        (
            VerifyError::InvalidPayload,
            "invalid_payload",
            "token's payload is not a single JSON object with each claim given once",
        ),
        (
            VerifyError::InvalidClaim(Claim::Email),
            "invalid_claim",
            &format!("claim email is invalid: {hint}"),
        ),
        (
            VerifyError::MissingClaim(Claim::Email),
            "missing_claim",
            &format!("claim email is missing: {hint}"),
        ),
        (
            VerifyError::Expired { exp: now(), now: at(NOW + 90) },
            "expired",
            "token expired 90 s ago: sign a fresh one for every page load",
        ),
        (
            VerifyError::IssuedInFuture { iat: at(NOW + 61), now: now() },
            "issued_in_future",
            "token was issued 61 s in the future: set the signing server's clock (NTP)",
        ),
        (
            VerifyError::NotYetValid { nbf: at(NOW + 61), now: now() },
            "not_yet_valid",
            "token is not valid for another 61 s: leave nbf out, or set the signing server's clock (NTP)",
        ),
        (
            VerifyError::LifetimeTooLong { lifetime: seconds(86400), limit: seconds(3600) },
            "lifetime_too_long",
            "token's lifetime of 86400 s is not between 1 and 3600 s: sign for at most one hour",
        ),
        (
            VerifyError::WrongAudience,
            "wrong_audience",
            "token's aud does not name this bot: sign for this bot's id, or leave aud out",
        ),
        (
            VerifyError::ClockOutOfRange,
            "clock_out_of_range",
            "clock is outside 1970 to 9999: set this machine's clock",
        ),
    ] {
        assert_eq!((error.to_string(), error.code()), (text.to_owned(), code));
        shows(&error, code);
    }
}

/// What a `main` that returns the error prints: its text and its code.
#[track_caller]
fn shows(error: &dyn Error, code: &str) {
    let mut expected = format!("{error} ({code})");
    let mut cause = error.source();
    while let Some(error) = cause {
        expected = format!("{expected}: {error}");
        cause = error.source();
    }
    assert_eq!(format!("{error:?}"), expected);
    assert_eq!(format!("{error:#?}"), expected);
}

#[test]
fn each_claim_says_what_it_wants() {
    let date = "give it as a JSON number of seconds since 1970";
    for (claim, hint) in [
        (Claim::Exp, date),
        (Claim::Iat, date),
        (Claim::Nbf, date),
        (Claim::Aud, "give it as the bot's id, or leave it out"),
        (Claim::Name, "give it as a string of at most 256 characters, or leave it out"),
        (Claim::ExternalId, "give it as a string of at most 255 bytes or a whole number, or leave it out"),
    ] {
        let error = VerifyError::InvalidClaim(claim);
        assert_eq!(error.to_string(), format!("claim {} is invalid: {hint}", claim.as_str()));
    }
}

#[test]
fn errors_of_the_signing_side() {
    let (lifetime, skew) = (seconds(7200), seconds(301));
    let mut codes = BTreeSet::new();
    let mut check = |error: &dyn Error, found: &'static str, code: &str, text: &str| {
        assert_eq!((error.to_string().as_str(), found), (text, code));
        shows(error, code);
        assert!(codes.insert(found), "{found} is the code of two errors");
    };
    for (error, code, text) in [
        (SecretError::NotSet, "not_set", "BOOSTGPT_SSO_SECRET is not set: put the agent's SSO secret there"),
        (
            SecretError::NotUnicode,
            "not_unicode",
            "BOOSTGPT_SSO_SECRET is not text: put the agent's SSO secret there, 64 hexadecimal characters",
        ),
        (
            SecretError::ByteOrderMark,
            "byte_order_mark",
            "the SSO secret begins with a byte order mark: save the file it is in as UTF-8 without one",
        ),
        (
            SecretError::SurroundingWhiteSpace,
            "surrounding_white_space",
            "the SSO secret has white space or an invisible character around it: remove it where the secret \
             is stored",
        ),
        (
            SecretError::Quoted,
            "quoted",
            "the SSO secret has quotation marks around it: remove them where the secret is stored",
        ),
        (
            SecretError::Placeholder,
            "placeholder",
            "the SSO secret is the documentation's placeholder: copy the agent's own from its Deploy page",
        ),
        (
            SecretError::NotHex { position: 3 },
            "not_hex",
            "the SSO secret has a character that is not a hexadecimal digit at position 3: copy it again, \
             whole and unchanged",
        ),
        (
            SecretError::WrongLength { found: 32 },
            "wrong_length",
            "the SSO secret's length is 32 instead of 64 characters: copy it again, whole and unchanged",
        ),
        (
            SecretError::NotRandom { distinct: 1 },
            "not_random",
            "the SSO secret uses only 1 of the 16 hexadecimal digits, so it is not random: generate one in \
             the dashboard",
        ),
        (
            SecretError::Generator(std::io::Error::other("no entropy")),
            "generator",
            "the operating system's random number generator failed: try again, or look at the machine",
        ),
    ] {
        check(&error, error.code(), code, text);
    }
    for (error, code, text) in [
        (
            IdentityError::EmailLength { bytes: 0 },
            "email_length",
            "e-mail address has 0 bytes, not 3 to 254: pass the user's one plain address",
        ),
        (
            IdentityError::EmailCharacter { position: 3 },
            "email_character",
            "e-mail address has a character at position 3 that is not allowed, perhaps an invisible one: \
             pass the plain address, without a name, prefix, quotes or punctuation around it",
        ),
        (
            IdentityError::EmailShape,
            "email_shape",
            "e-mail address is not of the form local@domain with one @, at most 64 bytes before it and no \
             empty label after it: pass the user's one plain address",
        ),
        (
            IdentityError::NameTooLong { characters: 257 },
            "name_too_long",
            "name has 257 characters, more than 256: shorten it",
        ),
        (IdentityError::NameWithNul, "name_with_nul", "name contains a NUL character: remove it"),
        (
            IdentityError::ExternalIdTooLong { bytes: 256 },
            "external_id_too_long",
            "external id has 256 bytes, more than 255: pass the user's stable id alone",
        ),
        (
            IdentityError::ExternalIdWithNul,
            "external_id_with_nul",
            "external id contains a NUL character: remove it",
        ),
        (
            IdentityError::ExternalIdMissingValue,
            "external_id_missing_value",
            "external id is what a language prints for a missing value: pass the user's id, or leave it out",
        ),
    ] {
        check(&error, error.code(), code, text);
    }
    for (error, code, text) in [
        (
            ConfigError::LifetimeOutOfRange { given: lifetime },
            "lifetime_out_of_range",
            "lifetime of 2h is not between 1 s and 3600 s: choose at most one hour",
        ),
        (
            ConfigError::ClockSkewOutOfRange { given: skew },
            "clock_skew_out_of_range",
            "clock skew of 5m1s is not between 0 s and 300 s: set the clocks instead (NTP)",
        ),
    ] {
        check(&error, error.code(), code, text);
    }
    check(
        &IdError,
        IdError.code(),
        "invalid_id",
        "not an id: copy the whole UUID (8-4-4-4-12 hexadecimal digits); a bot's is on its Deploy page",
    );
}

/// An anonymous visitor's reason shows its text and its code too: a service logs it.
#[cfg(feature = "store")]
#[test]
fn reasons_for_an_anonymous_visitor() {
    use boostgpt_sso::AnonymousReason::{Forgotten, NoSecret, Refused, SecretChanged, UnknownBot};

    for reason in [UnknownBot, NoSecret, SecretChanged, Forgotten, Refused(VerifyError::BadSignature)] {
        shows(&reason, reason.code());
    }
    let shown = format!("{NoSecret:?}");
    assert_eq!(shown, "the bot has no SSO secret: generate one on its Deploy page (no_secret)");
}

#[test]
fn generator_failures_keep_their_source_and_do_not_repeat_it() {
    let error = SecretError::Generator(std::io::Error::other("no entropy"));
    assert_eq!(error.source().unwrap().to_string(), "no entropy");
    assert!(!error.to_string().contains("no entropy"));
    assert_eq!(error.code(), "generator");
}
