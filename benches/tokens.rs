//! The tokens that the benchmarks present: the one that the BoostGPT documentation signs, others that say the
//! same or more, and those that are refused. What they are good for is asserted where they are made.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use boostgpt_sso::{
    Identity, MAX_TOKEN_BYTES, Signer, SsoSecret, Verifier,
    time::{Duration, OffsetDateTime},
};
use hmac::{Hmac, Mac};
use sha2_for_jwt::Sha256;

pub const EMAIL: &str = "ada@example.com";
pub const NAME: &str = "Ada Lovelace";
pub const EXTERNAL_ID: &str = "user_0192f0c12d3e7f40";

/// A secret, both sides of it, and the token of the documentation.
pub struct Documented {
    pub secret: SsoSecret,
    pub identity: Identity,
    pub signer: Signer,
    pub verifier: Verifier,
    pub token: String,
    pub expires_at: OffsetDateTime,
}

/// A token that is refused, and with which code.
pub struct Refused {
    pub what: &'static str,
    pub token: String,
    pub code: &'static str,
}

/// The documented token of now, with a secret of its own.
pub fn documented() -> Documented {
    let secret = SsoSecret::generate().expect("a secret");
    let identity = Identity::new(EMAIL)
        .and_then(|user| user.with_name(NAME)?.with_external_id(EXTERNAL_ID))
        .expect("valid");
    let (signer, verifier) = (Signer::new(&secret), Verifier::new(&secret));
    let token = signer.sign(&identity);
    assert_eq!(verifier.verify(&token).expect("accepted").identity(), &identity);
    let expires_at = token.expires_at();
    Documented { secret, identity, signer, verifier, token: token.into(), expires_at }
}

impl Documented {
    /// How much of the token is signed.
    pub fn signed(&self) -> usize {
        signed(&self.token)
    }

    /// The same claims as another back end may write them: PyJWT leaves them as the program names them. The
    /// general parser reads this one.
    pub fn other_order(&self) -> String {
        let (iat, exp) = self.times();
        let token = self.sign(&format!(
            r#"{{"exp":{exp},"iat":{iat},"external_id":"{EXTERNAL_ID}","email":"{EMAIL}","name":"{NAME}"}}"#
        ));
        assert_eq!(token.len(), self.token.len());
        assert_eq!(self.verifier.verify(&token).expect("accepted").identity(), &self.identity);
        token
    }

    /// The same claims and one more that is ignored: as long as it takes for a token of that length or hardly
    /// less.
    pub fn long(&self, length: usize) -> String {
        let (iat, exp) = self.times();
        let with_note = |note: usize| {
            let note = "x".repeat(note);
            let who = format!(r#""email":"{EMAIL}","name":"{NAME}","external_id":"{EXTERNAL_ID}""#);
            self.sign(&format!(r#"{{{who},"iat":{iat},"exp":{exp},"note":"{note}"}}"#))
        };
        let most = (length - with_note(0).len()) / 4 * 3;
        let token = with_note(most);
        assert!((length - 4..=length).contains(&token.len()), "{} for {length}", token.len());
        assert_eq!(self.verifier.verify(&token).expect("accepted").identity(), &self.identity);
        token
    }

    /// Refused early for the size, the shape or the algorithm, late for the signature, last for the time.
    pub fn refused(&self) -> [Refused; 5] {
        let claims = self.token.split_once('.').expect("three segments").1;
        let header = |json: &str| format!("{}.{claims}", URL_SAFE_NO_PAD.encode(json));
        let earlier = self.expires_at - Duration::hours(2);
        [
            ("oversize", "x".repeat(MAX_TOKEN_BYTES + 1), "too_long"),
            ("garbage", "x".repeat(self.token.len()), "malformed"),
            ("alg none", header(r#"{"alg":"none"}"#), "unsupported_algorithm"),
            (
                "bad signature",
                format!("{}.{}", &self.token[..self.signed()], "A".repeat(43)),
                "bad_signature",
            ),
            ("expired", self.signer.sign_at(&self.identity, earlier).into(), "expired"),
        ]
        .map(|(what, token, code)| {
            assert_eq!(self.verifier.verify(&token).expect_err(what).code(), code);
            Refused { what, token, code }
        })
    }

    fn times(&self) -> (i64, i64) {
        ((self.expires_at - Duration::HOUR).unix_timestamp(), self.expires_at.unix_timestamp())
    }

    fn sign(&self, payload: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
        let key = self.secret.expose_secret().as_bytes();
        let mac = Hmac::<Sha256>::new_from_slice(key).expect("any length").chain_update(&signed).finalize();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()))
    }
}

/// How much of the token is signed: all before the last dot.
pub fn signed(token: &str) -> usize {
    token.rfind('.').expect("three segments")
}
