//! Tokens: a secret, a good token, and what becomes of bad ones.

use std::{
    error::Error,
    io::{self, Write},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use boostgpt_sso::{
    Identity, Signer, SsoSecret, Verifier,
    time::{Duration, OffsetDateTime},
};
use hmac::{Hmac, KeyInit, Mac};

pub(crate) fn show() -> Result<(), Box<dyn Error>> {
    // In the dashboard: Deploy, SSO Secret, Generate.
    let secret = SsoSecret::generate()?;
    writeln!(io::stdout(), "secret      {}  (shown once)", secret.expose_secret())?;

    // On the customer's back end.
    let user = Identity::new("ada@example.com")?.with_name("Ada Lovelace")?.with_external_id("42")?;
    let signer = Signer::new(&secret);
    let token = signer.sign(&user);
    writeln!(io::stdout(), "token       {token}\n")?;

    // In the BoostGPT service.
    let verifier = Verifier::new(&secret);
    report("as signed", &verifier, token.as_str())?;
    let two_hours_ago = OffsetDateTime::now_utc() - Duration::hours(2);
    report("expired", &verifier, signer.sign_at(&user, two_hours_ago).as_str())?;
    report("tampered", &verifier, &token.as_str().replacen(".eyJ", ".eyK", 1))?;
    report("old secret", &Verifier::new(&SsoSecret::generate()?), token.as_str())?;

    // What no signer of this crate can be made to sign, so by hand.
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let claims = |exp: i64| format!(r#"{{"email":"ada@example.com","iat":{now},"exp":{exp}}}"#);
    let two_hours = by_hand(&secret, r#"{"alg":"HS256","typ":"JWT"}"#, &claims(now + 7200));
    report("two hours", &verifier, &two_hours)?;
    report("alg: none", &verifier, &by_hand(&secret, r#"{"alg":"none"}"#, &claims(now + 3600)))?;
    Ok(())
}

fn report(what: &str, verifier: &Verifier, presented: &str) -> io::Result<()> {
    let verdict = match verifier.verify(presented) {
        Ok(visitor) => format!("identified: {}, until {}", visitor.email().as_str(), visitor.expires_at()),
        Err(reason) => format!("anonymous: {}: {reason}", reason.code()),
    };
    writeln!(io::stdout(), "{what:<11} {verdict}")
}

fn by_hand(secret: &SsoSecret, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = Hmac::<sha2::Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any length");
    let mac = key.chain_update(&signed).finalize().into_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
}
