//! Keys that need no secret to be known: what examples have in its place, and what a program makes of a
//! variable that is not there.

use super::{
    change::{Change, ChangeKind, OTHER_VARIABLES, VARIABLES, Width},
    known::Known,
    mistake::Mistake,
    work::Work,
};
use crate::id::BotId;

/// Texts in examples, and what languages print for a missing value.
const PLACEHOLDERS: &[&str] = &[
    "undefined",
    "null",
    "None",
    "nil",
    "${BOOSTGPT_SSO_SECRET}",
    "$BOOSTGPT_SSO_SECRET",
    "false",
    "your-64-char-hex-secret",
    "YOUR_SSO_SECRET",
    "YOUR_SECRET",
    "your-secret",
    "your-secret-key",
    "your-sso-secret",
    "your-jwt-secret",
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "secret",
    "secret-key",
    "super-secret",
    "my-secret",
    "shhhhh",
    "changeme",
    "password",
    "test",
    "[object Object]",
    "[object Promise]",
    "NaN",
    "true",
    "0",
    "(null)",
    "<nil>",
    "your_sso_secret",
    "your_secret",
    "your_secret_key",
    "your-secret-here",
    "YOUR_SECRET_HERE",
    "YOUR_SECRET_KEY",
    "YOUR_SSO_SECRET_HERE",
    "<your secret>",
    "<your-secret>",
    "<your-sso-secret>",
    "<secret>",
    "sso-secret",
    "my_secret",
    "mysecret",
    "supersecret",
    "super_secret",
    "secretkey",
    "jwt-secret",
    "change-me",
    "CHANGE_ME",
    "xxx",
    "***",
    "********",
    "[REDACTED]",
    "REDACTED",
    "string",
    "dev",
    "my-secret-key",
    "my_secret_key",
    "CHANGEME",
    "change_me",
    "'undefined'",
    "\"undefined\"",
    "{{ssoSecret}}",
    "{{ ssoSecret }}",
    "{{secret}}",
    "${ssoSecret}",
    "example_key",
    "my$ecretK3y",
    "AllYourBase",
    "hmacsecret",
    "keyboard cat",
    "jwt_secret",
    "123456",
    "s3cr3t",
    "xxxxxxxx",
    "TODO",
    "REPLACE_ME",
    "replace-with-your-secret",
    "Array",
    "System.Byte[]",
    "[object ArrayBuffer]",
    "[object CryptoKey]",
    "${{secrets.SSO_SECRET}}",
    "{{ .Values.ssoSecret }}",
    "${boostgpt.sso.secret}",
    "import.meta.env.VITE_SSO_SECRET",
];

/// So many of the keys that need no secret are tried before the likely misuses of one.
pub(super) const LIKELY: usize = 18;

/// So many of them are tried before two changes of a secret.
pub(super) const LIKELIEST: usize = 7;

/// Characters of which a placeholder of 64 may be made.
const FILLERS: &[&str] = &["x", "X", "0", "*", "a", "f", "1"];

/// How a variable is written, `N` for its name, where no program puts in its value.
const UNEXPANDED: &[&str] = &[
    "$N",
    "${N}",
    "N",
    "process.env.N",
    "%N%",
    "$(N)",
    "$ENV{N}",
    "ENV.fetch('N')",
    "os.environ.get('N')",
    "System.getenv(\"N\")",
    "Deno.env.get('N')",
    "import.meta.env.N",
    "${N:-}",
    "<%= ENV['N'] %>",
    "{{N}}",
    "{{ N }}",
    "<N>",
    "${process.env.N}",
    "${{ secrets.N }}",
    "{{ secrets.N }}",
    "#{N}",
    "#{ENV['N']}",
    "ENV['N']",
    "ENV[\"N\"]",
    "$env:N",
    "env.N",
    "env(N)",
    "env('N')",
    "os.environ['N']",
    "os.environ[\"N\"]",
    "getenv('N')",
    "getenv(\"N\")",
    "$_ENV['N']",
    "%env(N)%",
    "\\$N",
    "\\${N}",
    "$$N",
    "@N@",
    "__N__",
    "secrets.N",
    "${{secrets.N}}",
    "{{ .Values.N }}",
    "${N:?err}",
    "${N",
    "os.getenv('N')",
    "#{systemEnvironment['N']}",
];

/// Ways that are tried with every name, and those that are tried with the usual ones; the others are tried
/// with the first two.
const FREQUENT_WAYS: usize = 3;
const USUAL_WAYS: usize = 5;

/// Texts that are tried after one change, too, and after which ones.
const CHANGED: &[(&[&str], &[ChangeKind])] = &[
    (
        &["$BOOSTGPT_SSO_SECRET", "${BOOSTGPT_SSO_SECRET}", "$SSO_SECRET", "${SSO_SECRET}"],
        &[
            ChangeKind::LineEnd,
            ChangeKind::Quoted,
            ChangeKind::Space,
            ChangeKind::Encoded,
            ChangeKind::Hashed,
            ChangeKind::Utf16,
        ],
    ),
    (
        &["", "undefined", "null", "None", "your-64-char-hex-secret"],
        &[ChangeKind::LineEnd, ChangeKind::Hashed],
    ),
];

/// At most so many fingerprints are tried as keys.
const MAX_FINGERPRINTS: usize = 8;

/// A key that is public, and how to say so. The words go behind "the signature fits ".
pub(super) struct PublicKey {
    pub(super) mistake: Mistake,
    pub(super) words: String,
    pub(super) bytes: Vec<u8>,
}

impl PublicKey {
    fn of_text(text: &str) -> Self {
        let (mistake, words) = if text.is_empty() {
            (Mistake::SecretEmpty, "an empty key".to_owned())
        } else {
            (Mistake::SecretPlaceholder, format!("the text `{text}`"))
        };
        Self { mistake, words, bytes: text.as_bytes().to_vec() }
    }
}

/// The keys as they are, the likeliest first.
pub(super) fn unchanged_keys(known: &Known<'_>) -> impl Iterator<Item = PublicKey> {
    let texts = [""].iter().chain(PLACEHOLDERS).map(|text| PublicKey::of_text(text));
    let variables = UNEXPANDED.iter().enumerate().flat_map(|(at, written)| {
        let (usual, others) = match at {
            _ if at < FREQUENT_WAYS => (VARIABLES.len(), OTHER_VARIABLES.len()),
            _ if at < USUAL_WAYS => (VARIABLES.len(), 0),
            _ => (2, 0),
        };
        let names = VARIABLES.iter().take(usual).chain(OTHER_VARIABLES.iter().take(others));
        // ENV has an N of its own.
        let (start, end) = written.rsplit_once('N').unwrap_or_default();
        names.map(move |name| PublicKey::of_text(&format!("{start}{name}{end}")))
    });
    let fillers = FILLERS.iter().map(|filler| PublicKey {
        mistake: Mistake::SecretPlaceholder,
        words: format!("`{filler}`, 64 times"),
        bytes: filler.repeat(64).into_bytes(),
    });
    let bot_id = |written: String, words: &str| PublicKey {
        mistake: Mistake::SecretBotId,
        words: format!("the bot's id {words}"),
        bytes: written.into_bytes(),
    };
    let is_other = |bot: &BotId| Some(*bot) != known.bot;
    let as_it_is = move |bot: BotId| bot_id(bot.to_string(), &format!("`{bot}`"));
    let (own_bot, other_bots) =
        (known.bot.into_iter().map(as_it_is), known.bots().filter(is_other).map(as_it_is));
    let own = known.bot.into_iter().flat_map(move |bot| {
        let capitals = bot_id(bot.to_string().to_uppercase(), "in capitals");
        [capitals, bot_id(bot.to_string().replace('-', ""), "without its hyphens")]
    });
    let fingerprints = known.secrets().take(MAX_FINGERPRINTS).map(|known| PublicKey {
        mistake: Mistake::SecretFingerprint,
        words: format!("the fingerprint of {}", known.words()),
        bytes: known.secret.fingerprint().into_bytes(),
    });
    let first = texts.clone().take(LIKELY.saturating_sub(1)).chain(own_bot);
    let rest = texts.skip(LIKELY.saturating_sub(1)).chain(fillers).chain(variables);
    first.chain(rest).chain(other_bots).chain(own).chain(fingerprints)
}

/// The likeliest of them after one change.
pub(super) fn changed_keys(work: &Work) -> impl Iterator<Item = PublicKey> {
    let after = move |text: &str, kind: ChangeKind| {
        let key = PublicKey::of_text(text);
        let changes = kind.variants(&key.bytes, None, Width::Usual, work);
        changes.into_iter().map(move |change: Change| PublicKey {
            mistake: key.mistake,
            words: format!("{}, {}", key.words, change.words),
            bytes: change.bytes.to_vec(),
        })
    };
    let pairs = CHANGED.iter().flat_map(|(texts, kinds)| {
        texts.iter().flat_map(|text| kinds.iter().map(move |kind| (*text, *kind)))
    });
    pairs.flat_map(move |(text, kind)| after(text, kind))
}
