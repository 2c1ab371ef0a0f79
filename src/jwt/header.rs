//! The JOSE header [RFC 7515 section 4]: one constant when signing, rules H1 to H5 when accepting. It can
//! only be refused; nothing in it is ever used.

use super::base64url;
use crate::{
    error::VerifyError,
    json::{self, Member},
};

/// `{"alg":"HS256","typ":"JWT"}`, base64url.
pub(crate) const ENCODED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// H4: members that ask for something widget tokens do not have, whatever their value.
pub(crate) const EXTENSIONS: [&str; 5] = ["crit", "b64", "cty", "enc", "zip"];

/// The recognised members, each of which may be given once: those of H2 and H3, then H4, then H5.
pub(crate) const MEMBERS: [&str; 12] = {
    let [crit, b64, cty, enc, zip] = EXTENSIONS;
    ["alg", "typ", crit, b64, cty, enc, zip, "kid", "jku", "jwk", "x5u", "x5c"]
};

/// Checks the encoded header against rules H1 to H5.
pub(crate) fn check_header(segment: &[u8]) -> Result<(), VerifyError> {
    if segment == ENCODED.as_bytes() {
        return Ok(());
    }
    let header = base64url::decode_owned(segment).map_err(|_| VerifyError::Malformed)?;
    // H1: one UTF-8 JSON object and nothing after it.
    let header = std::str::from_utf8(&header).map_err(|_| VerifyError::Malformed)?;
    let [alg, typ, rest @ ..] = json::members(header, &MEMBERS).map_err(|_| VerifyError::Malformed)?;
    let (forbidden, ignored) = rest.split_at(EXTENSIONS.len());

    // H2: `alg` once, and exactly HS256. There is nothing to choose by it.
    match alg {
        Member::Once(raw) if json::string(raw).as_deref() == Some("HS256") => {}
        _ => return Err(VerifyError::UnsupportedAlgorithm),
    }
    // H3: `typ` absent, or JWT in any case [RFC 7519 section 5.1]. Its repetition is H5's.
    match typ {
        Member::Once(raw) if !json::string(raw).is_some_and(|typ| typ.eq_ignore_ascii_case("JWT")) => {
            return Err(VerifyError::UnsupportedHeader);
        }
        _ => {}
    }
    // H4: no extension is understood, so none may be asked for [RFC 7515 section 4.1.11].
    if forbidden.iter().any(|member| *member != Member::Absent) {
        return Err(VerifyError::UnsupportedHeader);
    }
    // H5: key hints and unknown members are ignored, but nothing recognised may be given twice.
    if typ == Member::Repeated || ignored.contains(&Member::Repeated) {
        return Err(VerifyError::Malformed);
    }
    Ok(())
}
