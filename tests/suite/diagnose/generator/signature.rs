//! What is done wrong with the right key: the spelling of the signature, the text under it, the function.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{KeyInit, Mac, SimpleHmac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Made, Rng, any_claims, signed};
use crate::support::*;

pub(super) fn made(rng: &mut Rng, secret: &str) -> Made {
    loop {
        if let Some(made) = attempt(rng, secret) {
            return made;
        }
    }
}

fn attempt(rng: &mut Rng, secret: &str) -> Option<Made> {
    let text = signed(rng);
    let mac = hmac(secret.as_bytes(), &text);
    let digits = hex::encode(mac);
    let segments = |signature: String, code, what: &str| {
        Some(Made {
            presented: format!("{text}.{signature}").into(),
            codes: vec![code],
            what: what.to_owned(),
        })
    };
    let other = |signed: &str, what| {
        segments(base64url(hmac(secret.as_bytes(), signed)), "signature_of_other_text", what)
    };
    let (header, payload) = text.split_once('.').unwrap();
    let hashed =
        |parts: &[&str]| segments(base64url(Sha256::digest(parts.concat())), "signature_plain_hash", "hash");
    match rng.below(22) {
        0 => segments(digits, "signature_hex", "hexadecimal"),
        1 => segments(digits.to_uppercase(), "signature_hex", "capitals"),
        2 => segments(base64url(&digits), "signature_hex", "base64url of hexadecimal"),
        3 => segments(mac.map(|byte| format!("{byte:02X}")).join("-"), "signature_hex", "BitConverter"),
        4 if digits.starts_with('0') => {
            segments(digits.trim_start_matches('0').to_owned(), "signature_hex", "a zero lost")
        }
        5 if digits.starts_with('0') => {
            segments(base64url(digits.trim_start_matches('0')), "signature_hex", "a zero lost, base64url")
        }
        6 if mac[0] >= 0x80 => {
            // The negative of a number is its complement, plus one.
            let mut complement = mac.map(|byte| !byte);
            for byte in complement.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
            let printed = format!("-{}", hex::encode(complement).trim_start_matches('0'));
            let of_64 = printed.len() != 65; // which is no base64
            segments(if of_64 { printed } else { base64url(printed) }, "signature_hex", "negative")
        }
        7 => segments(base64url(base64url(mac)), "signature_reencoded", "base64url twice"),
        8 => segments(base64url(STANDARD.encode(mac)), "signature_reencoded", "base64url of base64"),
        9 => segments(
            base64url(mac.map(char::from).iter().collect::<String>()),
            "signature_reencoded",
            "Latin-1",
        ),
        10 => segments(base64url(String::from_utf8_lossy(&mac).as_ref()), "signature_reencoded", "lossy"),
        11 => segments(base64url(hmac(text.as_bytes(), secret)), "key_and_text_exchanged", "exchanged"),
        12 => hashed(&[secret, &text]),
        13 => hashed(&[&text, secret]),
        14 => hashed(&[&text, ".", secret]),
        15 => other(&format!("{text}\n"), "line feed"),
        16 => other(payload, "payload alone"),
        17 => other(&format!("{header}{payload}"), "no dot"),
        18 => segments(base64url(mac_with::<Sha1>(secret, &text)), "signature_sha1_md5", "SHA-1"),
        19 => segments(base64url(mac_with::<Md5>(secret, &text)), "signature_sha1_md5", "MD5"),
        20 => segments(base64url(mac_with::<Sha512>(secret, &text)), "alg_hs384_hs512", "SHA-512"),
        21 => {
            // Whatever `alg` says, the signature is examined: here it has no fault, or a known one.
            let alg = rng.pick(&[
                "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
                "HmacSHA256",
                " HS256",
                "hs256",
                "HS-256",
                "HS256\n",
                "HMAC-SHA256",
                "Hs256",
            ]);
            let header = serde_json::json!({"alg": alg, "typ": "JWT"}).to_string();
            let text = format!("{}.{}", base64url(header), base64url(any_claims(rng)));
            let presented = format!("{text}.{}", base64url(hmac(secret.as_bytes(), &text))).into();
            Some(Made { presented, codes: vec!["alg_case"], what: format!("alg {alg:?}") })
        }
        _ => None,
    }
}

fn mac_with<D: Digest + hmac::digest::block_api::BlockSizeUser>(key: &str, text: &str) -> Vec<u8> {
    let mac = <SimpleHmac<D> as KeyInit>::new_from_slice(key.as_bytes()).unwrap();
    mac.chain_update(text).finalize().into_bytes().to_vec()
}
