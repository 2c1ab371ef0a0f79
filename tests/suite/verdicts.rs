//! The verdicts on twenty thousand generated tokens, held against their record. `scripts/test` runs the suite
//! once more with every feature of `serde_json` switched on that another crate in a build might want: the
//! record stays the same.

use std::collections::BTreeMap;

use boostgpt_sso::VerifyError;
use sha2::{Digest, Sha256};

use crate::support::*;

/// A generator whose sequence never changes (Steele, Lea and Flood's `SplitMix64`).
struct Sequence(u64);

impl Sequence {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.next(of.len())]
    }

    fn value(&mut self, depth: usize) -> String {
        match self.next(if depth == 0 { 4 } else { 6 }) {
            0 => self
                .one(&["null", "true", "false", "-0", "0", "1", "-1", "1e3", "1.5", "1E-2", "01", "+1", ".5"])
                .to_owned(),
            1 => (NOW + self.next(8000) as i64 - 4000).to_string(),
            2 => self
                .one(&[
                    "1e999",
                    "-1e999",
                    "1795348860.5",
                    "18446744073709551616",
                    "123456789012345678901234567890",
                    "1795352400000",
                ])
                .to_owned(),
            3 => self
                .one(&[
                    r#""""#,
                    r#""a@b""#,
                    r#""\u0061@b""#,
                    r#""\ud800""#,
                    r#""\ud83d\ude00@b""#,
                    r#""x\u0000""#,
                    "\"\n\"",
                    r#""$""#,
                ])
                .to_owned(),
            4 => format!(
                "[{}]",
                (0..self.next(3)).map(|_| self.value(depth - 1)).collect::<Vec<_>>().join(",")
            ),
            _ => format!("{{{}}}", self.members(2, depth - 1)),
        }
    }

    fn members(&mut self, max_count: usize, depth: usize) -> String {
        const NAMES: &[&str] = &[
            "exp",
            "iat",
            "nbf",
            "aud",
            "email",
            "name",
            "external_id",
            "sub",
            "",
            "\\u0065xp",
            "$serde_json::private::Number",
            "$serde_json::private::RawValue",
        ];
        (0..self.next(max_count + 1))
            .map(|_| format!(r#""{}":{}"#, self.one(NAMES), self.value(depth)))
            .collect::<Vec<_>>()
            .join(",")
    }
}

#[test]
fn do_not_depend_on_the_features_of_serde_json() {
    let mut sequence = Sequence(0);
    let mut counts = BTreeMap::new();
    let mut record = Sha256::new();
    for _ in 0..20_000 {
        let others = sequence.members(4, 3);
        let (exp, email) = (NOW + 1800, "ada@example.com");
        let payload = match sequence.next(4) {
            0 => format!("{{{others}}}"),
            1 => format!(r#"{{"exp":{exp},{others}}}"#),
            2 => format!(
                r#"{{"email":"{email}","exp":{exp}{}{others}}}"#,
                if others.is_empty() { "" } else { "," }
            ),
            _ => format!(r#"{{"email":"{email}","exp":{exp},"sub":{}}}"#, sequence.value(3)),
        };
        let header = match sequence.next(9) {
            0 => format!(
                r#"{{"alg":"HS256","{}":{}}}"#,
                sequence.one(&["typ", "crit", "x", "zip"]),
                sequence.value(1)
            ),
            2 => format!(r#"{{"alg":"HS256","kid":{}}}"#, sequence.value(2)),
            1 => format!(r#"{{"alg":{},"typ":{}}}"#, sequence.value(1), sequence.value(1)),
            _ => HEADER.to_owned(),
        };
        let verdict = present(token(header, payload));
        let (code, about) = match &verdict {
            Ok(visitor) => ("accepted", format!("{:?} {:?}", visitor.name(), visitor.external_id())),
            Err(error @ (VerifyError::InvalidClaim(claim) | VerifyError::MissingClaim(claim))) => {
                (error.code(), claim.to_string())
            }
            Err(error) => (error.code(), String::new()),
        };
        *counts.entry(code).or_insert(0) += 1;
        record.update(format!("{code} {about}\n"));
    }
    let counts: Vec<_> = counts.into_iter().collect();
    assert_eq!(counts, COUNTS, "counts by code");
    assert_eq!(hex::encode(record.finalize()), RECORD, "every verdict, in order");
}

const COUNTS: &[(&str, i32)] = &[
    ("accepted", 4800),
    ("expired", 61),
    ("invalid_claim", 3057),
    ("invalid_payload", 5842),
    ("issued_in_future", 34),
    ("lifetime_too_long", 38),
    ("malformed", 764),
    ("missing_claim", 1875),
    ("not_yet_valid", 34),
    ("unsupported_algorithm", 1903),
    ("unsupported_header", 1529),
    ("wrong_audience", 63),
];
const RECORD: &str = "ed2fdbf15cad080f71128ea61839bf2e3bd4993374ca1c84ad00d8372bca3c46";
