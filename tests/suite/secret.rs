//! [`SsoSecret`] and `MasterKey`: what they take, what they refuse and what they never show.

use std::process::Command;

use boostgpt_sso::{SecretError, Signer, SsoSecret};

use crate::support::*;

#[track_caller]
fn refusal(text: &str) -> SecretError {
    let error = text.parse::<SsoSecret>().expect_err("this is no secret");
    let shown = format!("{error} {error:?}");
    assert!(text.len() < 8 || !shown.contains(text), "{shown}");
    error
}

#[test]
fn takes_exactly_64_hexadecimal_digits_as_typed() {
    for text in [SECRET, &SECRET.to_uppercase(), "01234567".repeat(8).as_str()] {
        assert_eq!(text.parse::<SsoSecret>().unwrap().expose_secret(), text);
    }
}

#[test]
fn names_each_mistake() {
    for length in [0, 1, 63] {
        assert!(matches!(refusal(&SECRET[..length]), SecretError::WrongLength { found } if found == length));
    }
    assert!(matches!(refusal(&format!("{SECRET}0")), SecretError::WrongLength { found: 65 }));
    assert!(matches!(refusal(&"\u{e4}".repeat(32)), SecretError::WrongLength { found: 32 }));
    for bad in ['g', 'x', ' ', '-', '\u{e4}', '\u{ff11}', '\0', '"', '\n'] {
        let text = format!("{}{bad}{}", &SECRET[..40], &SECRET[41..]);
        assert!(matches!(refusal(&text), SecretError::NotHex { position: 40 }), "{bad:?}");
    }
    for space in [" ", "\n", "\r\n", "\t", "\u{a0}", "\u{3000}"] {
        for text in [format!("{space}{SECRET}"), format!("{SECRET}{space}"), space.to_owned()] {
            assert!(matches!(refusal(&text), SecretError::SurroundingWhiteSpace), "{space:?}");
        }
    }
    for hidden in ["\u{200b}", "\u{2060}", "\0", "\u{fe0f}"] {
        for text in [format!("{hidden}{SECRET}"), format!("{SECRET}{hidden}")] {
            assert!(matches!(refusal(&text), SecretError::SurroundingWhiteSpace), "{hidden:?}");
        }
    }
    for text in [format!("\u{feff}{SECRET}"), format!("\u{feff}{SECRET}\r\n"), "\u{feff}".to_owned()] {
        assert!(matches!(refusal(&text), SecretError::ByteOrderMark), "{text:?}");
    }
    assert!(matches!(refusal(&format!("{SECRET}\u{feff}")), SecretError::SurroundingWhiteSpace));
    for quote in ["\"", "'", "`", "\u{201c}", "\u{2019}"] {
        for text in
            [format!("{quote}{SECRET}{quote}"), format!("{quote}{SECRET}"), format!("{SECRET}{quote}")]
        {
            assert!(matches!(refusal(&text), SecretError::Quoted), "{quote}");
        }
    }
    assert!(matches!(refusal("your-64-char-hex-secret"), SecretError::Placeholder));
    assert!(matches!(refusal("YOUR-64-CHAR-HEX-SECRET"), SecretError::Placeholder));
    for (digits, distinct) in
        [("0", 1), ("deadbeef", 5), ("0123456", 7), ("0123456aA", 8), ("aAbBcCdDeEfF", 6)]
    {
        let text: String = digits.chars().cycle().take(64).collect();
        match text.parse::<SsoSecret>() {
            Ok(_) => assert_eq!(distinct, 8),
            Err(error) => {
                assert!(matches!(error, SecretError::NotRandom { distinct: found } if found == distinct))
            }
        }
    }
}

#[test]
fn generates_different_ones_of_lower_case_hexadecimal() {
    let secrets: Vec<SsoSecret> = (0..100).map(|_| SsoSecret::generate().unwrap()).collect();
    for (i, secret) in secrets.iter().enumerate() {
        let text = secret.expose_secret();
        assert_eq!(text.len(), 64);
        assert!(text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
        assert!(secrets[..i].iter().all(|other| other != secret));
    }
    // All 16 digits, at every position: no byte is fixed.
    for position in 0..64 {
        let digits: std::collections::HashSet<u8> =
            secrets.iter().map(|secret| secret.expose_secret().as_bytes()[position]).collect();
        assert!(digits.len() > 8, "position {position} has {} different digits", digits.len());
    }
}

#[test]
fn equality_is_of_the_text_and_case_matters() {
    assert_eq!(secret(), secret());
    assert_eq!(secret(), secret().clone());
    assert_ne!(secret(), SECRET.to_uppercase().parse().unwrap());
    for position in [0, 31, 63] {
        let mut other = SECRET.as_bytes().to_vec();
        other[position] = if other[position] == b'0' { b'1' } else { b'0' };
        assert_ne!(secret(), String::from_utf8(other).unwrap().parse().unwrap());
    }
}

#[test]
fn a_fingerprint_tells_two_apart_and_stays_the_same() {
    // printf '%s' "boostgpt-sso secret fingerprint$SECRET" | sha256sum
    assert_eq!(secret().fingerprint(), "74f6d2e5bd796153");
    assert_ne!(secret().fingerprint(), SECRET.to_uppercase().parse::<SsoSecret>().unwrap().fingerprint());
}

/// Runs a test of this file again in a process of its own, with a variable of the environment as given: a
/// test must not change its own under the others' feet. In that process this gives the answer that is
/// expected there.
fn in_a_process(test: &str, variable: &str, value: Option<&std::ffi::OsStr>, expected: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test]).env(CHILD, expected);
    match value {
        Some(value) => child.env(variable, value),
        None => child.env_remove(variable),
    };
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{expected}: {text}");
}

const CHILD: &str = "BOOSTGPT_SSO_TEST_CHILD";

#[test]
fn from_env_reads_the_documented_variable() {
    if let Ok(expected) = std::env::var(CHILD) {
        let code = Signer::from_env().map_or_else(|error| error.code(), |_| "ok");
        assert_eq!(code, SsoSecret::from_env().map_or_else(|error| error.code(), |_| "ok"));
        assert_eq!(code, expected);
        return;
    }
    let test = |value: Option<&std::ffi::OsStr>, expected: &str| {
        in_a_process(
            "secret::from_env_reads_the_documented_variable",
            "BOOSTGPT_SSO_SECRET",
            value,
            expected,
        );
    };
    test(None, "not_set");
    test(Some(SECRET.as_ref()), "ok");
    test(Some("".as_ref()), "wrong_length");
    test(Some(format!("{SECRET}\n").as_ref()), "surrounding_white_space");
    #[cfg(unix)]
    test(Some(std::os::unix::ffi::OsStrExt::from_bytes(b"\xff")), "not_unicode");
}

#[cfg(feature = "store")]
#[test]
fn master_keys_come_from_their_variable() {
    use boostgpt_sso::store::MasterKey;
    let (new, old) = (MasterKey::from_bytes([0xab; 32]), MasterKey::from_bytes([0xcd; 32]));
    if let Ok(expected) = std::env::var(CHILD) {
        let found =
            MasterKey::from_env().map_or_else(|error| error.code().to_owned(), |keys| format!("{keys:?}"));
        assert_eq!(found, expected);
        return;
    }
    let test = |value: Option<&str>, expected: &str| {
        let value = value.map(std::ffi::OsStr::new);
        in_a_process(
            "secret::master_keys_come_from_their_variable",
            "BOOSTGPT_SSO_MASTER_KEY",
            value,
            expected,
        );
    };
    let (ab, cd) = ("ab".repeat(32), "CD".repeat(32));
    test(Some(&ab), &format!("{new:?}"));
    test(Some(&format!("{ab}, {cd}\n")), &format!("[{:?}, {:?}]", new.id(), old.id()));
    test(None, "no_master_key");
    for malformed in ["", "ab", &ab[1..], &format!("{ab},"), &format!("{ab}{cd}"), &"xy".repeat(32)] {
        test(Some(malformed), "malformed_master_key");
    }
    let id = new.id().to_string();
    assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) && id != old.id().to_string());
    assert_eq!(format!("{:?}", new.id()), format!("KeyId({id})"));
    let shown = format!("{new:?} {id}");
    assert!(!shown.contains("abab"), "{shown}");
}
