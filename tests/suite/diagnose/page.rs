//! `docs/troubleshooting.md` is made from the catalogue, and says what the catalogue says.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use boostgpt_sso::diagnose::{Group, Mistake};

/// Set, the file is written instead of being compared.
const WRITE: &str = "BOOSTGPT_SSO_WRITE_DOCS";

fn page() -> String {
    let mut page = String::from(
        "# Troubleshooting\n\n\
         Which mistakes are made with widget tokens, why they fail, and the fix. To a visitor all of them look the same: they\n\
         stay anonymous. `boostgpt_sso::diagnose` (feature `diagnose`) names the one that was made with a token of yours, by the\n\
         codes below. *Refused as* is the reason that the verifier gives (`VerifyError::code`), which is all that a service\n\
         logs; *accepted* is a token that works and loses something.\n",
    );
    page += "\n## Who should be allowed to ask\n\n\
             Only the owner of the bot: a report quotes the token, and a doctor who knows the secret answers whether a guess at\n\
             it was right. It tells nothing step by step (no guess needs fewer than 60 of the 64 digits, except exactly the first\n\
             or the last 32), and never shows a known secret. All the same limit the rate, to ten questions a minute for example. A\n\
             question costs at most 20,000 compressions of SHA-256, which is milliseconds: in an async service, ask on a thread\n\
             for blocking work.\n";
    let mut group: Option<Group> = None;
    for mistake in Mistake::ALL {
        if group.replace(mistake.group()) != Some(mistake.group()) {
            write!(page, "\n## {}\n", mistake.group().title()).unwrap();
        }
        let reasons: Vec<_> = mistake.reasons().iter().map(|reason| format!("`{reason}`")).collect();
        let verdict = if reasons.is_empty() {
            "Accepted".to_owned()
        } else {
            format!("Refused as {}", reasons.join(" or "))
        };
        let title = mistake.title();
        let title = format!("{}{}", title[..1].to_uppercase(), &title[1..]);
        write!(page, "\n### {title}\n\n`{mistake}` · {verdict}\n\n").unwrap();
        writeln!(page, "- Why: {}.\n- Fix: {}.", mistake.why(), mistake.fix()).unwrap();
    }
    page
}

#[test]
fn the_page_is_the_catalogue() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/troubleshooting.md");
    if std::env::var_os(WRITE).is_some() {
        fs::write(&file, page()).unwrap();
    }
    let written = fs::read_to_string(file).unwrap();
    assert!(
        written == page(),
        "docs/troubleshooting.md is not what the catalogue says: write it anew with\n\
         {WRITE}=1 cargo test --features diagnose --test suite the_page_is_the_catalogue"
    );
}

/// Codes are stable names, titles and texts fit into lines and sentences.
#[test]
fn the_catalogue_is_in_order() {
    let codes: BTreeSet<_> = Mistake::ALL.iter().map(|mistake| mistake.code()).collect();
    let titles: BTreeSet<_> = Mistake::ALL.iter().map(|mistake| mistake.title()).collect();
    assert_eq!((codes.len(), titles.len()), (Mistake::ALL.len(), Mistake::ALL.len()));
    assert!(Mistake::ALL.len() >= 40);
    for mistake in Mistake::ALL {
        assert!(
            mistake.code().bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')),
            "{mistake}"
        );
        for text in [mistake.title(), mistake.why(), mistake.fix()] {
            assert!(text.len() >= 7 && text.trim() == text && !text.ends_with('.'), "{mistake}: {text}");
        }
    }
    let groups: Vec<_> = Mistake::ALL.iter().map(|mistake| mistake.group()).collect();
    assert!(groups.is_sorted());
}
