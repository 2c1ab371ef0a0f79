//! The doctor gives the verdict of the verifier, a cause that fits it, and never shows the secret.
//! Planted: the verifier that it is compared with allows one second less of skew.
#![no_main]

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use boostgpt_sso::{
    diagnose::{Doctor, Severity, Verdict},
    time::Duration,
};
use fuzz::{
    keys::{secret, verifier},
    planted, request,
    text::SPELLINGS,
};
use libfuzzer_sys::fuzz_target;

/// How every spelling of the secret begins and ends, in lower case: with more than half of the digits, since
/// the doctor tells a secret by its first and its last half. By fewer, an asker could find digit after digit.
static HIDDEN: LazyLock<HashMap<usize, HashSet<Vec<char>>>> = LazyLock::new(|| {
    let mut hidden: HashMap<_, HashSet<_>> = HashMap::new();
    for spelling in SPELLINGS.iter() {
        let spelling: Vec<char> = spelling.to_lowercase().chars().collect();
        // 44 characters are the base64 of one half.
        let length = (spelling.len() * 5 / 8).max(44).min(spelling.len());
        for part in [&spelling[..length], &spelling[spelling.len() - length..]] {
            hidden.entry(length).or_default().insert(part.to_vec());
        }
    }
    hidden
});

fuzz_target!(|data: &[u8]| {
    let Some(request) = request::read(data) else { return };
    let skew = Duration::seconds(request.expected.skew);
    let other = if planted() && request.expected.skew == 60 { Duration::seconds(59) } else { skew };
    let mut doctor = Doctor::new().with_secret(secret()).with_clock_skew(skew).unwrap();
    let mut verifier = verifier().with_clock_skew(other).unwrap();
    if let Some(bot) = request.expected.bot {
        doctor = doctor.for_bot(bot.parse().unwrap());
        verifier = verifier.for_bot(bot.parse().unwrap());
    }
    let (token, now) = (&request.token, request.expected.now);
    let shown = String::from_utf8_lossy(token);
    let report = doctor.examine_at(token, now);

    match verifier.verify_at(token, now) {
        Ok(_) => {
            assert_eq!(report.verdict(), Verdict::Accepted, "{shown}");
            assert!(report.cause().is_none(), "{report}\n{shown}");
        }
        Err(reason) => {
            assert_eq!(report.verdict(), Verdict::Refused(reason), "{shown}");
            let cause = report.cause().expect("what is refused has a cause");
            assert!(cause.mistake().reasons().contains(&reason.code()), "{report}\n{shown}");
            assert!(
                !cause.seen().starts_with("the verifier says"),
                "nothing more is known: {report}\n{shown}"
            );
        }
    }
    let written = format!("{report}\n{report:?}\n{}", serde_json::to_string(&report).unwrap());
    let written: Vec<char> = written.to_lowercase().chars().collect();
    for (length, hidden) in HIDDEN.iter() {
        for part in written.windows(*length) {
            let is_shown = hidden.contains(part);
            assert!(!is_shown, "the secret is shown: {}: {shown}", part.iter().collect::<String>());
        }
    }
    assert!(report.findings().len() <= 100, "{} findings: {shown}", report.findings().len());

    // Without a secret there is no verdict, and nothing that speaks against what is accepted.
    let without = Doctor::new().with_clock_skew(skew).unwrap();
    let without = match request.expected.bot {
        Some(bot) => without.for_bot(bot.parse().unwrap()),
        None => without,
    };
    let without = without.examine_at(token, now);
    assert_eq!(without.verdict(), Verdict::Unknown);
    if report.is_accepted() {
        let against = without.findings().iter().find(|finding| finding.severity() == Severity::Refused);
        assert_eq!(against, None, "{without}\n{shown}");
    }
});
