//! A payload of the documented shape is read without the parser. With one space more in it, the parser reads
//! it: the verdict is the same.
//! Planted: the parser gets another name in the place of an empty one.
#![no_main]

use boostgpt_sso::time::Duration;
use fuzz::{
    keys::{HEADER, token, verifier},
    planted, request,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(request) = request::read(data) else { return };
    let Some(payload) = request.payload else { return };
    let mut spaced = payload.clone();
    spaced.insert(usize::from(payload.first() == Some(&b'{')), b' ');
    if planted() {
        let text = String::from_utf8_lossy(&spaced).replace(r#","name":"","#, r#","name":"x","#);
        spaced = text.into_bytes();
    }
    let spaced = token(HEADER.as_bytes(), &spaced);
    if payload.is_empty() || spaced.len() > boostgpt_sso::MAX_TOKEN_BYTES {
        return; // one of the two is refused for its length
    }
    let mut verifier = verifier().with_clock_skew(Duration::seconds(request.expected.skew)).unwrap();
    if let Some(bot) = request.expected.bot {
        verifier = verifier.for_bot(bot.parse().unwrap());
    }
    let now = request.expected.now;
    let text = String::from_utf8_lossy(&payload);
    assert_eq!(verifier.verify_at(&request.token, now), verifier.verify_at(&spaced, now), "{text}");
});
