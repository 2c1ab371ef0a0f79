//! The doctor gives the verdict of the verifier, a cause that fits it, and never shows the secret.
//! Planted: the verifier that it is compared with allows one second less of skew.
#![no_main]

use std::{collections::HashSet, sync::LazyLock};

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

/// How many characters in a row of a spelling show too much.
const SHOWN: usize = 20;

/// Every so many characters of every spelling of the secret, in lower case.
static HIDDEN: LazyLock<HashSet<Vec<char>>> = LazyLock::new(|| {
    let lower = |spelling: &String| spelling.to_lowercase().chars().collect::<Vec<_>>();
    let spellings: Vec<_> = SPELLINGS.iter().map(lower).collect();
    assert!(spellings.iter().all(|spelling| spelling.len() >= SHOWN));
    spellings.iter().flat_map(|spelling| spelling.windows(SHOWN).map(<[char]>::to_vec)).collect()
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
    for part in written.windows(SHOWN) {
        assert!(!HIDDEN.contains(part), "the secret is shown: {}: {shown}", part.iter().collect::<String>());
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
