//! Published test vectors at the layers they speak about: HMAC-SHA256 ([`MacKey`]) and JWS ([`open`]). Their
//! keys are no SSO secrets and their payloads no claims, so they cannot be run through the public API. Where
//! each file comes from is written in the file.

use serde_json::Value;

use super::{Jws, Room, base64url, hs256::MacKey};

fn read(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn cases(group: &Value) -> impl Iterator<Item = &Value> {
    group["tests"].as_array().unwrap().iter()
}

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap_or_else(|| panic!("{member} is missing in {case}"))
}

/// Whether the JWS layer accepts the token.
fn accepts(key: &MacKey, token: &str) -> bool {
    let mut room = Room::default();
    Jws::read(token.as_bytes(), &mut room).is_ok_and(|jws| jws.payload_if_signed(key).is_ok())
}

/// A case's HMAC key, written as in a JSON Web Key: base64url.
fn key(k: &str) -> MacKey {
    MacKey::of_any_length(&base64url::decode_owned(k.as_bytes()).unwrap())
}

/// All cases of RFC 4231 but the one about truncation, which HS256 does not have.
#[test]
fn rfc_4231_hmac_sha256() {
    let field = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        hex::decode(line.trim_start_matches([' ', '='])).unwrap()
    };
    let file = include_str!("../../tests/vectors/rfc-4231-hmac-sha256.txt");
    let blocks: Vec<_> = file.split("\n\n").filter(|block| block.contains("MD = ")).collect();
    assert_eq!(blocks.len(), 6);
    for block in blocks {
        let key = MacKey::of_any_length(&field(block, "Key"));
        let (message, mac) = (field(block, "Msg"), field(block, "MD"));
        assert_eq!(key.mac(&message), mac[..], "{block}");
        assert!(key.verifies(&message, mac[..].try_into().unwrap()), "{block}");
    }
}

/// Wycheproof's HMAC-SHA256. For its truncated tags, which HS256 does not have, the tag's beginning is
/// compared.
#[test]
fn wycheproof_hmac_sha256() {
    let corpus = read(include_str!("../../tests/vectors/wycheproof_hmac_sha256.json"));
    let mut run = 0;
    for group in corpus["testGroups"].as_array().unwrap() {
        for case in cases(group) {
            let [key, message, tag] =
                ["key", "msg", "tag"].map(|name| hex::decode(text(case, name)).unwrap());
            let key = MacKey::of_any_length(&key);
            let valid = text(case, "result") == "valid";
            assert_eq!(key.mac(&message)[..tag.len()] == tag[..], valid, "{case}");
            if let Ok(tag) = <[u8; 32]>::try_from(&tag[..]) {
                assert_eq!(key.verifies(&message, tag), valid, "{case}");
            }
            run += 1;
        }
    }
    assert_eq!(run, corpus["numberOfTests"].as_u64().unwrap());
}

/// Wycheproof's JWS cases with an HS256 key, compared with a strict verifier's answers. Four upstream labels
/// are wrong; an answer that differs from the label anywhere else, an unexpected acceptance above all, fails.
#[test]
fn wycheproof_jws() {
    /// (case, whether it is accepted here, why that differs from the upstream label)
    const EXCEPTIONS: [(u64, bool, &str); 4] = [
        (367, true, "labelled invalid for its padding, but byte-identical to valid case 357"),
        (370, true, "labelled invalid for its padding, but byte-identical to valid case 357"),
        (372, false, "labelled valid, but has a question mark in the header"),
        (373, false, "labelled valid, but has a question mark in the payload"),
    ];
    let corpus = read(include_str!("../../tests/vectors/wycheproof_jws_hs256.json"));
    let expected = read(include_str!("../../tests/vectors/wycheproof_jws_hs256.expected.json"));
    let mut run = 0;
    let mut tokens = std::collections::HashMap::new();
    for group in corpus["testGroups"].as_array().unwrap() {
        let key = key(text(&group["private"], "k"));
        for case in cases(group) {
            let id = case["tcId"].as_u64().unwrap();
            let token = text(case, "jws");
            tokens.insert(id, token);
            let accepted = accepts(&key, token);
            let label = text(case, "result") == "valid";
            match EXCEPTIONS.iter().find(|(exception, ..)| *exception == id) {
                Some((_, answer, why)) => {
                    assert_ne!(*answer, label, "{id} is no exception any more: {why}");
                    assert_eq!(accepted, *answer, "{id}: {why}");
                }
                None => assert_eq!(accepted, label, "{case}"),
            }
            // The file of strict answers says the same, or that the case is excluded.
            let strict =
                expected["cases"].as_array().unwrap().iter().find(|strict| strict["tcId"] == id).unwrap();
            let strict = text(strict, "expect_strict");
            assert!(strict == "exclude" || (strict == "accept") == accepted, "{case}: {strict}");
            run += 1;
        }
    }
    assert_eq!(run, 40);
    assert_eq!((tokens[&367], tokens[&370]), (tokens[&357], tokens[&357]));
}

/// RFC 7515 A.1, A.5 and E, RFC 7797 and RFC 7520 4.4. `mac_valid` is about a token of three segments: the
/// MAC of 7797 4.2 holds over its raw payload, whose dot makes four of them.
#[test]
fn rfc_jws_examples() {
    let corpus = read(include_str!("../../tests/vectors/rfc_jws_hs256.json"));
    let vectors = corpus["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        let (key, token) = (key(text(vector, "k_b64url")), text(vector, "token"));
        let (signed, mac) = token.rsplit_once('.').unwrap();
        let mac = base64url::decode_array::<32>(mac.as_bytes()).unwrap();
        let mac_valid = mac.is_some_and(|mac| key.verifies(signed.as_bytes(), mac));
        let three_segments = signed.matches('.').count() == 1;
        assert_eq!(mac_valid && three_segments, vector["mac_valid"].as_bool().unwrap(), "{vector}");
        let accepted = accepts(&key, token);
        assert_eq!(accepted, text(vector, "expect_jws_layer") == "accept", "{vector}");
    }
}
