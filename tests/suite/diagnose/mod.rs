//! The doctor: every mistake of the catalogue is named first for a token that has it, the verdict is the
//! verifier's, and nothing is shown that must not be.

mod accepted;
mod field;
mod generator;
mod hostile;
mod mistakes;
mod oracle;
mod page;
mod properties;
mod secrecy;
mod spellings;
mod variants;

use boostgpt_sso::{
    SsoSecret,
    diagnose::{Doctor, Report, Severity, Verdict},
    time::OffsetDateTime,
};

use crate::support::*;

/// Made for these tests as `SECRET` was.
const PREVIOUS: &str = "3b81f6e0297cd45a1e6f08b3d2c97a450fe1b86d53a27c94e8d01b6fa2573c9e";
const OTHER: &str = "c07a4de915b832f6708e1cd3b9f54a26ee03719bd8a64c5f2b90d7e61f843ac5";

fn doctor() -> Doctor {
    Doctor::new()
        .with_secret(secret())
        .with_previous_secret(PREVIOUS.parse().unwrap())
        .with_other_bot(OTHER_BOT.parse().unwrap(), OTHER.parse().unwrap())
        .for_bot(bot())
}

/// What a report promises of itself whatever was examined, checked against the verifier for the same bot.
#[track_caller]
fn holds(report: &Report, verdict: crate::support::Verdict) {
    let refused: Vec<_> =
        report.findings().iter().filter(|one| one.severity() == Severity::Refused).collect();
    match verdict {
        Ok(_) => {
            assert_eq!(report.verdict(), Verdict::Accepted);
            assert!(refused.is_empty(), "{report}");
        }
        Err(reason) => {
            assert_eq!(report.verdict(), Verdict::Refused(reason));
            let cause = report.cause().unwrap();
            assert_eq!(report.findings().first(), Some(cause), "{report}");
            assert!(cause.mistake().reasons().contains(&reason.code()), "{reason}: {report}");
        }
    }
    for finding in report.findings() {
        let seen = finding.seen();
        assert!(seen.chars().count() <= 241 && !seen.contains(char::is_control), "{finding:?}");
    }
}

/// Examined by this secret and time, and checked against the verifier.
#[track_caller]
fn examined(presented: impl AsRef<[u8]>, now: OffsetDateTime) -> Report {
    let report = doctor().examine_at(&presented, now);
    holds(&report, verifier().for_bot(bot()).verify_at(&presented, now));
    report
}

/// The codes of the findings, in their order.
fn codes(report: &Report) -> Vec<&'static str> {
    report.findings().iter().map(|finding| finding.code()).collect()
}

/// All that a program can get out of a report.
fn everything(report: &Report) -> String {
    format!("{report} {report:?} {}", serde_json::to_string(report).unwrap())
}

fn parsed(text: &str) -> SsoSecret {
    text.parse().unwrap()
}
