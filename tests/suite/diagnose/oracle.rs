//! What an asker learns who may ask the doctor and not see the secret: nothing, unless they have half of it
//! already.

use boostgpt_sso::diagnose::Doctor;
use sha2::{Digest, Sha256};

use super::*;

/// How an asker can put digits that they guess before the doctor: as what a token is signed with, or in its
/// text.
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

/// The questions about a guess by which an asker tells the secret from another one.
fn tells(guess: &str, other: &str) -> Vec<&'static str> {
    let tells = |(_, question): &&(&str, Question)| {
        let question = question(guess);
        answer(SECRET, &question) != answer(other, &question)
    };
    QUESTIONS.iter().filter(tells).map(|(name, _)| *name).collect()
}

/// The answers are the same as of a doctor whose secret has nothing of the guess in it.
#[test]
fn a_guess_of_fewer_digits_than_half_tells_nothing() {
    for count in [1, 8, 24, 31] {
        assert_eq!(tells(&SECRET[..count], OTHER), [""; 0], "the first {count}");
        assert_eq!(tells(&SECRET[64 - count..], OTHER), [""; 0], "the last {count}");
    }
    for middle in [&SECRET[16..48], &SECRET[2..61]] {
        assert_eq!(tells(middle, OTHER), [""; 0], "{middle}");
    }
    // Digits that are right in many places are no guess either.
    let every_other: String =
        SECRET.char_indices().map(|(at, c)| if at % 2 == 0 { c } else { '0' }).collect();
    assert_eq!(tells(&every_other, OTHER), [""; 0]);
}

/// More than half of it tells no more than half of it does, up to 59 digits.
#[test]
fn an_asker_who_has_half_of_it_gets_no_further() {
    let with_first = format!("{}{}", &SECRET[..32], &OTHER[32..]);
    let with_last = format!("{}{}", &OTHER[..32], &SECRET[32..]);
    for count in [34, 48, 58] {
        assert_eq!(tells(&SECRET[..count], &with_first), [""; 0], "the first {count}");
        assert_eq!(tells(&SECRET[64 - count..], &with_last), [""; 0], "the last {count}");
    }
}

/// The tests above can fail: who has half of the secret, or nearly all of it, is told.
#[test]
fn a_person_who_has_the_secret_is_told_that_it_fits() {
    for guess in [&SECRET[..32], &SECRET[32..], &SECRET[..60], &SECRET[1..], SECRET] {
        assert!(tells(guess, OTHER).len() >= 8, "{}: {:?}", guess.len(), tells(guess, OTHER));
    }
}

/// An asker who goes on digit by digit tries all uuid_bytes, and sees which one gets another answer than the
/// rest.
#[test]
fn there_is_no_way_from_one_digit_to_the_next() {
    let mut learnt = Vec::new();
    for known in [0, 8, 20, 40, 57] {
        for (name, question) in QUESTIONS {
            let shape = |digit: char| {
                let guess = format!("{}{digit}", &SECRET[..known]);
                // The codes, and how long the texts are, which quote the guess.
                let report = Doctor::new().with_secret(secret()).examine_at(question(&guess), now());
                let findings = report.findings().iter();
                findings.map(|finding| (finding.code(), finding.seen().len())).collect::<Vec<_>>()
            };
            // Two wrong ones are enough to compare with: a digit for which there are more answers is in all
            // of them.
            let right = SECRET[known..].chars().next().unwrap();
            let wrong: Vec<char> =
                ['2', '5', '7'].into_iter().filter(|digit| *digit != right).take(2).collect();
            let [right, one, other] = [right, wrong[0], wrong[1]].map(shape);
            if one == other && right != one {
                learnt.push((known, *name));
            }
        }
    }
    assert_eq!(learnt, []);
}
