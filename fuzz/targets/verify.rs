//! `Verifier::verify_at` says what the token rules say.
//! Planted: the oracle takes a lifetime of 3601 seconds.
#![no_main]

use boostgpt_sso::{VerifiedIdentity, time::Duration};
use fuzz::{
    keys::verifier,
    oracle::{Accepted, verdict},
    request,
};
use libfuzzer_sys::fuzz_target;

fn accepted(visitor: &VerifiedIdentity) -> Accepted {
    Accepted {
        email: visitor.email().as_str().to_owned(),
        name: visitor.name().map(str::to_owned),
        external_id: visitor.external_id().map(str::to_owned),
        iat: visitor.issued_at().map(|iat| iat.unix_timestamp()),
        exp: visitor.expires_at().unix_timestamp(),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some(request) = request::read(data) else { return };
    let mut verifier = verifier().with_clock_skew(Duration::seconds(request.expected.skew)).unwrap();
    if let Some(bot) = request.expected.bot {
        verifier = verifier.for_bot(bot.parse().unwrap());
    }
    let said = verifier.verify_at(&request.token, request.expected.now);
    let said = said.as_ref().map(accepted).map_err(|error| *error);
    assert_eq!(said, verdict(&request.token, request.expected), "{request:?}");
});
