//! What an asker learns who may ask the doctor and not see the secret: nothing, unless they have half of it already.

use boostgpt_sso::diagnose::Doctor;
use sha2::{Digest, Sha256};

use super::*;

/// How an asker can put digits that they guess before the doctor: as what a token is signed with, or in its text.
type Question = fn(guess: &str) -> String;

fn signed_with(key: impl AsRef<[u8]>) -> String {
    sealed(HEADER, &claims("{}"), key.as_ref())
}

fn sealed(header: &str, claims: &str, key: &[u8]) -> String {
    let signed = format!("{}.{}", base64url(header), base64url(claims));
    format!("{signed}.{}", base64url(hmac(key, &signed)))
}

/// With a key of the asker's own.
fn claiming(name: &str, value: &str) -> String {
    sealed(HEADER, &claims(&serde_json::json!({name: value, "exp": "x"}).to_string()), b"own")
}

const QUESTIONS: &[(&str, Question)] = &[
    ("the key", |guess| signed_with(guess)),
    ("a line", |guess| signed_with(format!("{guess}\n"))),
    ("quoted", |guess| signed_with(format!("\"{guess}\""))),
    ("a setting", |guess| signed_with(format!("SSO_SECRET={guess}"))),
    ("in capitals", |guess| signed_with(guess.to_uppercase())),
    ("twice", |guess| signed_with(guess.repeat(2))),
    ("its bytes", |guess| signed_with(hex::decode(&guess[..guess.len() & !1]).unwrap())),
    ("base64", |guess| signed_with(base64url(guess))),
    ("hashed", |guess| signed_with(Sha256::digest(guess))),
    ("hexadecimal signature", |guess| {
        let signed = format!("{}.{}", base64url(HEADER), base64url(claims("{}")));
        format!("{signed}.{}", hex::encode(hmac(guess.as_bytes(), &signed)))
    }),
    ("plain hash", |guess| {
        let signed = format!("{}.{}", base64url(HEADER), base64url(claims("{}")));
        format!("{signed}.{}", base64url(Sha256::digest(format!("{guess}{signed}"))))
    }),
    ("in the token's place", |guess| guess.to_owned()),
    ("an address", |guess| claiming("email", guess)),
    ("an address in groups", |guess| {
        claiming("email", &guess.chars().map(|c| format!("{c} ")).collect::<String>())
    }),
    ("a base64 address", |guess| claiming("email", &base64url(guess))),
    ("the name of a claim", |guess| claiming(guess, "Ada")),
    ("an algorithm", |guess| sealed(&serde_json::json!({"alg": guess}).to_string(), &claims("{}"), b"own")),
    ("text around", |guess| format!("{guess} {}", signed_with("own"))),
];

/// What a doctor who knows this secret answers, but for the fingerprint.
fn answer(secret: &str, question: &str) -> String {
    let secret = parsed(secret);
    let fingerprint = secret.fingerprint();
    everything(&Doctor::new().with_secret(secret).examine_at(question, now())).replace(&fingerprint, "…")
}

/// The questions by which an asker tells this secret from another one that has nothing of the guess in it.
fn learns(guess: &str) -> Vec<&'static str> {
    let learns = |(_, question): &&(&str, Question)| {
        let question = question(guess);
        answer(SECRET, &question) != answer(OTHER, &question)
    };
    QUESTIONS.iter().filter(learns).map(|(name, _)| *name).collect()
}

#[test]
fn a_guess_of_fewer_than_60_digits_learns_nothing() {
    for count in [1, 4, 8, 16, 24, 31, 33, 40, 48, 59] {
        let middle = (64 - count) / 2;
        for guess in [&SECRET[..count], &SECRET[64 - count..], &SECRET[middle..middle + count]] {
            assert_eq!(learns(guess), [""; 0], "{count} digits");
        }
    }
    assert_eq!(learns(&SECRET[16..48]), [""; 0], "half of it, in the middle");
    // Digits that are right in many places are no guess either.
    let every_other: String =
        SECRET.char_indices().map(|(at, c)| if at % 2 == 0 { c } else { '0' }).collect();
    assert_eq!(learns(&every_other), [""; 0]);
}

/// The test above can fail: who has half of the secret, or nearly all of it, is told.
#[test]
fn whoever_has_it_is_told() {
    for guess in [&SECRET[..32], &SECRET[32..], &SECRET[..60], &SECRET[1..], SECRET] {
        assert!(learns(guess).len() >= 8, "{}: {:?}", guess.len(), learns(guess));
    }
}

/// An asker who goes on digit by digit: every digit that gives another answer than the rest is one that they learn.
#[test]
fn nobody_gets_from_digit_to_digit() {
    for known in [0, 8, 31, 32, 58] {
        let mut learnt = 0;
        for (_, question) in QUESTIONS {
            let answers: Vec<_> = "0123456789abcdef"
                .chars()
                .map(|digit| {
                    let guess = format!("{}{digit}", &SECRET[..known]);
                    (answer(SECRET, &question(&guess)), answer(OTHER, &question(&guess)))
                })
                .collect();
            learnt += answers.iter().filter(|(right, other)| right != other).count();
        }
        // From 31 digits to 32 there is one step, and it is the last one before the 60th: 31 digits cannot be guessed.
        let allowed = if known == 31 { QUESTIONS.len() } else { 0 };
        assert!(learnt <= allowed, "after {known} digits: {learnt}");
    }
}
