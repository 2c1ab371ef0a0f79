//! Checks that nothing but a verdict depends on a secret in time, and that secrets are wiped before their
//! memory is freed.
//!
//! Each secret is marked as undefined memory under valgrind's memcheck, which then reports every branch and
//! every address that depends on it. `scripts/constant-time` runs this in debug and in release. What is
//! public is suppressed by name or expected by number: the characters of a signature, and the one branch on
//! the verdict.

mod freed;
mod requests;

use std::{env, fmt::Display, hint::black_box, process::ExitCode};

use boostgpt_sso::{
    BotId, Identity, SECRET_VARIABLE, SecretVersion, Signer, SsoSecret, VerifiedIdentity, Verifier,
    VerifyError, store::MasterKey,
};

use crate::requests::{errors, is_running, mark_secret, publish};

/// Made for this test with `openssl rand -hex 32`; it opens nothing.
const SECRET: &str = "9f2c41d07be85a36c1d94e7f20b863a5d7e91c5408fb32a6e4d07c1b95f8326a";

const MASTER_KEY: [u8; 32] = [7; 32];
const VERSION: SecretVersion = SecretVersion::from_bytes([2; 16]);

/// How many reports the branch on a verdict may be, in debug and in release: it is one condition, that is
/// looked at twice where it is not optimised. At least one shows that the secret's mark has reached the
/// comparison.
const VERDICT: std::ops::RangeInclusive<usize> = 1..=2;

/// Prints each result, and remembers whether all were good.
struct Results {
    all_good: bool,
}

impl Results {
    fn tell(&mut self, is_good: bool, what: impl Display, found: impl Display) {
        self.all_good &= is_good;
        println!("{} {what}: {found}", if is_good { "ok    " } else { "FAILED" });
    }

    /// How many reports `body` causes.
    fn reports<T>(
        &mut self,
        what: &str,
        expected: std::ops::RangeInclusive<usize>,
        body: impl FnOnce() -> T,
    ) -> (T, usize) {
        let before = errors();
        let value = body();
        let reports = errors() - before;
        self.tell(expected.contains(&reports), what, format_args!("{reports} reports"));
        (value, reports)
    }

    fn silent<T>(&mut self, what: &str, body: impl FnOnce() -> T) -> T {
        self.reports(what, 0..=0, body).0
    }
}

fn secret() -> SsoSecret {
    SECRET.parse().expect("a secret")
}

/// A secret whose digits are undefined to valgrind. Parsing it is not constant time, so it is marked
/// afterwards.
fn marked(text: &str) -> SsoSecret {
    let secret: SsoSecret = text.parse().expect("a secret");
    mark_secret(secret.expose_secret());
    secret
}

fn identity() -> Identity {
    let identity = Identity::new("ada@example.com").and_then(|ada| ada.with_name("Ada Lovelace"));
    identity.and_then(|ada| ada.with_external_id("42")).expect("an identity")
}

fn outcome(verdict: &Result<VerifiedIdentity, VerifyError>) -> &'static str {
    verdict.as_ref().map_or_else(VerifyError::code, |_| "accepted")
}

/// The token with another character in this place of its signature, the last of which encodes no more than
/// four bits.
fn with_another(token: &str, place: usize) -> String {
    let start = token.len() - 43 + place;
    let other = if &token[start..=start] == "A" { "E" } else { "A" };
    format!("{}{other}{}", &token[..start], &token[start + 1..])
}

fn constant_time(results: &mut Results) {
    let secret = marked(SECRET);
    let signer = results.silent("make a signer", || Signer::new(&secret));
    let token = results.silent("sign", || signer.sign(&identity()));
    let good = publish(token.as_str().to_owned());

    let verifier = results.silent("make a verifier", || Verifier::new(&secret));
    let (verdict, of_good) = results.reports("verify a good token", VERDICT, || verifier.verify(&good));
    results.tell(verdict.is_ok(), "it is accepted", outcome(&verdict));
    for place in [0, 1, 20, 41, 42] {
        let what = format!("verify a token whose signature differs at character {place}");
        let bad = with_another(&good, place);
        // As many as for the good one: nothing depends on how much of the signature is right.
        let (verdict, _) = results.reports(&what, of_good..=of_good, || verifier.verify(&bad));
        results.tell(verdict == Err(VerifyError::BadSignature), "it is refused", outcome(&verdict));
    }
    let other = Verifier::new(&marked(&SECRET.replace("9f", "9e")));
    results.reports("verify a token of another secret", of_good..=of_good, || other.verify(&good)).0.ok();
    for malformed in ["", "..", "not a token", &good[..good.len() - 1], &format!("{good}="), &good[..90]] {
        results.silent("verify a malformed token", || verifier.verify(malformed)).ok();
    }

    let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse().expect("an id");
    let (signer, verifier) = (signer.for_bot(bot), verifier.for_bot(bot));
    let token = results.silent("sign for a bot", || signer.sign(&identity()));
    let token = publish(token.as_str().to_owned());
    let (verdict, _) = results.reports("verify it", of_good..=of_good, || verifier.verify(&token));
    results.tell(verdict.is_ok(), "it is accepted", outcome(&verdict));

    for other in [SECRET.to_owned(), SECRET.replace("9f", "8f"), SECRET.replace("26a", "26b")] {
        let is_same = other == SECRET;
        let other = marked(&other);
        let are_equal = publish(results.silent("compare two secrets", || secret == other));
        results.tell(are_equal == is_same, "they are equal", are_equal);
    }
    let master_key = MasterKey::from_bytes(MASTER_KEY);
    let sealed = results.silent("seal a secret", || master_key.seal_secret(bot, VERSION, &secret));
    drop(sealed);
    let clones = results.silent("clone a secret, a signer, a verifier", || {
        (secret.clone(), signer.clone(), verifier.clone())
    });
    results.silent("drop them", || drop((clones, secret, signer, verifier, other)));
}

/// What the test must find, or it would find nothing.
fn controls(results: &mut Results) {
    #[inline(never)]
    fn early_exit(one: &[u8], other: &[u8]) -> bool {
        for (one, other) in one.iter().zip(other) {
            if black_box(*one) != *other {
                return false;
            }
        }
        true
    }

    let (one, other) = (marked(SECRET), marked(SECRET));
    let [one, other] = [&one, &other].map(|secret| secret.expose_secret().as_bytes());
    results.reports("control: a comparison that ends early", 64..=usize::MAX, || early_exit(one, other));
    let table: Vec<u8> = (0..=u8::MAX).rev().collect();
    let look_up = || one.iter().fold(0, |sum: u8, digit| sum ^ black_box(&table)[usize::from(*digit)]);
    results.reports("control: a look-up by a secret's digits", 64..=usize::MAX, look_up);
    results.reports(
        "control: parsing a secret, which is documented as not constant time",
        1..=usize::MAX,
        || std::str::from_utf8(one).expect("digits").parse::<SsoSecret>().is_ok(),
    );
    let secret = marked(SECRET);
    results.reports(
        "control: the fingerprint of a secret, which is documented as not constant time",
        1..=usize::MAX,
        || secret.fingerprint(),
    );
}

fn wiped(results: &mut Results) {
    let text = *SECRET.as_bytes().first_chunk().expect("64 digits");
    let mut wiped = |what: &str, wanted: [u8; freed::LENGTH], body: &mut dyn FnMut()| {
        let found = freed::holding(wanted, body);
        results.tell(found == 0, what, format_args!("{found} freed blocks hold it"));
    };
    wiped("wiped: a secret and its clone", text, &mut || drop(black_box((secret(), secret().clone()))));
    // SAFETY: this process has one thread.
    unsafe { env::set_var(SECRET_VARIABLE, SECRET) };
    wiped("wiped: a secret in the environment, when it is read", text, &mut || {
        drop(black_box(SsoSecret::from_env().expect("a secret")));
    });
    let (master_key, bot) = (MasterKey::from_bytes(MASTER_KEY), BotId::from_bytes([1; 16]));
    let sealed = master_key.seal_secret(bot, VERSION, &secret()).expect("sealed");
    wiped("wiped: a sealed secret, when it is opened", text, &mut || {
        drop(black_box(master_key.open_secret(bot, VERSION, &sealed).expect("opened")));
    });
    let secret = secret();
    let (signer, key) = freed::with_its_key(|| Signer::new(&secret));
    let mut owners = Some((signer.clone(), signer));
    wiped("wiped: the key of a signer and its clone", key, &mut || drop(black_box(owners.take())));
    let (verifier, key) = freed::with_its_key(|| Verifier::new(&secret));
    let mut owners = Some((verifier.clone(), verifier));
    wiped("wiped: the key of a verifier and its clone", key, &mut || drop(black_box(owners.take())));

    let found = freed::holding(text, || drop(black_box(SECRET.to_owned())));
    results.tell(
        found == 1,
        "control: a text that is not wiped",
        format_args!("{found} freed blocks hold it"),
    );
    let found = freed::holding_any_digits(|| drop(black_box(SsoSecret::generate().expect("a secret"))));
    let what = "wiped: a secret, when it is generated";
    results.tell(found == 0, what, format_args!("{found} freed blocks hold digits"));
    let found = freed::holding_any_digits(|| drop(black_box(SECRET.to_owned())));
    let what = "control: digits that are not wiped";
    results.tell(found == 1, what, format_args!("{found} freed blocks hold digits"));
    results.tell(key.iter().any(|byte| *byte != 0), "control: a key is not empty", "not all zeros");
}

fn main() -> ExitCode {
    let mut results = Results { all_good: true };
    wiped(&mut results);
    if is_running() {
        constant_time(&mut results);
        controls(&mut results);
    } else {
        results.tell(false, "constant time", "needs valgrind: run scripts/constant-time");
    }
    if results.all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
