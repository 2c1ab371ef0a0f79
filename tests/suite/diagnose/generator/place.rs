//! What comes in the token's place, or around it: what pages, back ends and languages make of a token, or
//! instead of one.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Made, Rng, any_claims, signed};
use crate::support::*;

/// A good token of a person.
fn token_of(rng: &mut Rng, secret: &str) -> String {
    let signed = signed(rng);
    format!("{signed}.{}", base64url(hmac(secret.as_bytes(), &signed)))
}

pub(super) fn made(rng: &mut Rng, secret: &str) -> Made {
    let token = token_of(rng, secret);
    let other = token_of(rng, secret);
    let bytes = token.as_bytes();
    let digest = hmac(secret.as_bytes(), &any_claims(rng));
    let number = rng.below(1 << 30);
    let random = |rng: &mut Rng, count: usize| (0..count).map(|_| rng.byte()).collect::<Vec<_>>();
    let utf16 = |mark: &str| format!("{mark}{token}").encode_utf16().collect::<Vec<_>>();
    let (code, presented): (&str, Vec<u8>) = match rng.below(15) {
        0 => {
            let paragraph = "<p>Please log in.</p>\n".repeat(rng.below(30) as usize);
            let start =
                rng.pick(&["<!DOCTYPE html>\n<html>", "<html lang=\"en\">", "\n<!doctype html><html>"]);
            (
                "html_page",
                format!("{start}<head><title>Log in</title></head><body>{paragraph}</body></html>").into(),
            )
        }
        1 => {
            let error = rng.pick(&[
                r#"{"error":"Unauthorized"}"#,
                r#"{"statusCode":500,"message":"Internal server error"}"#,
                r#"{"errors":[{"message":"not logged in"}]}"#,
                r#"{"detail":"Not found."}"#,
                r#"{"success":false,"message":"Session expired"}"#,
            ]);
            ("error_answer", error.into())
        }
        2 => {
            let printed = rng.pick(&[
                "[object Promise]",
                "Promise { <pending> }",
                "[object Object]",
                "undefined",
                "null",
                "None",
                "nil",
                "<nil>",
                "(null)",
                "NaN",
                "System.Threading.Tasks.Task`1[System.String]",
                "<coroutine object sign at 0x7f0b5c2d3e40>",
                "java.util.concurrent.CompletableFuture@1b2c[Not completed]",
            ]);
            ("undefined", printed.into())
        }
        3 => {
            let list = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(rng.pick(&[",", ", "]));
            ("bytes_printed", if number.is_multiple_of(2) { list } else { format!("[{list}]") }.into())
        }
        4 => ("encoded_twice", hex::encode(bytes).into()),
        5 => (
            "encoded_twice",
            if number.is_multiple_of(2) { STANDARD.encode(bytes) } else { base64url(bytes) }.into(),
        ),
        6 => (
            "bytes_printed",
            if number.is_multiple_of(2) { format!("b'{token}'") } else { format!("b\"{token}\"") }.into(),
        ),
        7 => {
            let depth = rng.below(6);
            let mut json =
                serde_json::json!({rng.pick(&["token", "jwt", "access_token", "userToken"]): token});
            for _ in 0..depth {
                json = match rng.below(3) {
                    0 => serde_json::json!([json]),
                    1 => serde_json::json!({"data": json, "status": "ok"}),
                    _ => serde_json::json!({"result": json}),
                };
            }
            ("json_wrapper", json.to_string().into())
        }
        8 => (
            "identity_hash",
            if number.is_multiple_of(2) { hex::encode(digest) } else { hex::encode_upper(digest) }.into(),
        ),
        9 => {
            let parts = [16, 48, 32].map(|count| random(rng, count));
            let [iv, value, mac] = parts.map(|part| STANDARD.encode(part));
            let laravel =
                serde_json::json!({"iv": iv, "value": value, "mac": hex::encode(&mac[..32]), "tag": ""})
                    .to_string();
            let other = match rng.below(3) {
                0 => STANDARD.encode(laravel),
                1 => {
                    let fernet = [vec![0x80], (NOW as u64).to_be_bytes().to_vec(), random(rng, 80)].concat();
                    base64::engine::general_purpose::URL_SAFE.encode(fernet)
                }
                _ => format!("v4.local.{}", base64url(random(rng, 96))),
            };
            ("other_token", other.into())
        }
        10 => ("token_twice", format!("{token}{}{other}", rng.pick(&["", ",", ", ", " "])).into()),
        11 => ("utf16", utf16("\u{feff}").into_iter().flat_map(u16::to_le_bytes).collect()),
        12 => ("utf16", utf16(rng.pick(&["", "\u{feff}"])).into_iter().flat_map(u16::to_be_bytes).collect()),
        13 => ("bearer_prefix", format!("Bearer{}{token}", rng.pick(&[" ", "  ", "\t", "\u{a0}"])).into()),
        _ => (
            "secret_in_place_of_token",
            if number.is_multiple_of(2) { secret.into() } else { format!("\"{secret}\"").into() },
        ),
    };
    let what =
        format!("{code}: {}", String::from_utf8_lossy(&presented).chars().take(120).collect::<String>());
    Made { presented, codes: vec![code], what }
}
