//! What a question costs.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    work::{Hash, MAX_COMPRESSIONS},
    *,
};
use crate::jwt::MAX_TOKEN_BYTES;

/// Tokens that are made to cost: long ones, with signatures that are read in several ways, of which none
/// fits.
fn hostile(size: usize) -> Vec<String> {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = encode(&format!("{{\"email\":\"{}\"}}", "a".repeat(size / 4 * 3)));
    let signatures = [
        encode(&"s".repeat(32)),
        encode(&"s".repeat(48)),
        encode(&"s".repeat(64)),
        "ab".repeat(32),
        format!("-{}", "ab".repeat(31)),
        encode(&encode(&"s".repeat(32))),
        encode(&"é".repeat(32)),
        encode("s".repeat(20).as_str()),
        "=".repeat(43),
        "ab-".repeat(31) + "ab",
    ];
    let headers =
        ["{\"alg\":\"HS256\"}", "{\"alg\":\"RS256\"}", "{}", "{\"alg\":\"HS512\",\"crit\":[],\"typ\":1}"];
    let tokens = headers.iter().flat_map(|header| {
        let claims = &claims;
        signatures.iter().map(move |signature| format!("{}.{claims}==.{signature}", encode(header)))
    });
    let mut tokens: Vec<_> = tokens.collect();
    tokens.push(format!("{}.{}", "a".repeat(size / 2), "b".repeat(size / 2)));
    tokens.push(format!("{}.{}.{}", "A".repeat(size / 3), "A".repeat(size / 3), "A".repeat(size / 3)));
    tokens
}

#[test]
fn a_question_costs_at_most_20_000_compressions() {
    assert_eq!(MAX_COMPRESSIONS, 20_000);
    let secrets: Vec<_> = (0..101).map(|_| SsoSecret::generate().unwrap()).collect();
    let mut max_spent = 0;
    for count in [1, 101] {
        let doctor = secrets
            .iter()
            .skip(1)
            .take(count - 1)
            .fold(Doctor::new().with_secret(secrets[0].clone()), |doctor, secret| {
                doctor.with_other_bot(BotId::from_bytes([7; 16]), secret.clone())
            });
        for (size, tokens) in [(120, 99), (8000, 3), (60_000, 1)] {
            for token in hostile(size).into_iter().take(tokens) {
                let (report, work) = doctor.report(token.as_bytes(), OffsetDateTime::UNIX_EPOCH);
                assert!(!report.is_accepted());
                max_spent = max_spent.max(work.spent());
            }
        }
    }
    // The verifier's own look at a token: the two halves of the key, the text behind one, its digest behind
    // the other.
    let verdict =
        2 + Hash::Sha256.compressions(64 + MAX_TOKEN_BYTES) - 1 + Hash::Sha256.compressions(64 + 32) - 1;
    // Each of the fingerprints that are tried, and those in the words of findings, are one digest of two
    // blocks.
    let fingerprints = 2 * (2 * 8 + 8);
    assert!(
        max_spent + verdict + fingerprints <= MAX_COMPRESSIONS,
        "{max_spent} and {verdict} and {fingerprints}"
    );
    assert!(max_spent > MAX_COMPRESSIONS * 9 / 10, "{max_spent}: nothing here comes near the bound");
}

/// So what `work` counts is all there is, but for the verdict and the fingerprints.
#[test]
fn nothing_is_hashed_behind_the_back_of_the_count() {
    let mut files = 0;
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnose")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let counted = ["work.rs", "diagnose/mod.rs", "tests.rs"].iter().any(|file| path.ends_with(file));
            for word in ["sha2::", "sha1::", "md5::", "hmac::", "hs256::", "Verifier::new", "Signer"] {
                assert!(counted || !text.contains(word), "{} names {word}", path.display());
            }
            files += 1;
        }
    }
    assert!(files > 20);
}
