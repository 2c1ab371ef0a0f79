//! `docs/troubleshooting.md` is made from the catalogue, and says what the catalogue says.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use boostgpt_sso::diagnose::{Group, Mistake};

/// Set, the file is written instead of being compared.
const WRITE: &str = "BOOSTGPT_SSO_WRITE_DOCS";

/// The part that is written by hand. It names mistakes of the catalogue by their codes.
const COMMONEST: &str = include_str!("commonest.md");

/// The mistakes that can be advice for a token that is accepted, by the source of the doctor.
fn advice() -> Vec<Mistake> {
    let mut names = BTreeSet::new();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnose")).unwrap() {
        let path = file.unwrap().path();
        let text = if path.is_file() { fs::read_to_string(path).unwrap() } else { String::new() };
        for call in text.split(".advise(").skip(1) {
            let name = call.trim_start().strip_prefix("Mistake::").expect("advice names its mistake");
            names.insert(name.split(',').next().unwrap().to_owned());
        }
    }
    Mistake::ALL.iter().copied().filter(|mistake| names.contains(&format!("{mistake:?}"))).collect()
}

fn page() -> String {
    let mut page = String::from(
        "# Troubleshooting\n\n\
         Which mistakes are made with widget tokens, why they fail, and the fix. To a visitor all of them\n\
         look the same: they stay anonymous. `boostgpt-sso token doctor` in a terminal, or\n\
         `boostgpt_sso::diagnose` in a program (feature `diagnose`), names the mistake by the codes below.\n\
         First come the ten commonest, then all of them.\n\n",
    );
    page += COMMONEST.trim_end();
    page += "\n\n## Who should be allowed to ask\n\n\
             Only the owner of the bot. Why, and what a question costs, is said at the top of the module\n\
             [`diagnose`](https://docs.rs/boostgpt-sso/latest/boostgpt_sso/diagnose/index.html).\n";
    page += "\n## All mistakes\n\n\
             *Refused as* is the reason that the verifier gives (`VerifyError::code`), which is all that a\n\
             service logs. *Accepted* is a token that works, but something is lost or at risk.\n";
    let advice = advice();
    let mut group: Option<Group> = None;
    for mistake in Mistake::ALL {
        if group.replace(mistake.group()) != Some(mistake.group()) {
            write!(page, "\n## {}\n", mistake.group().title()).unwrap();
        }
        let reasons: Vec<_> = mistake.reasons().iter().map(|reason| format!("`{reason}`")).collect();
        let reasons = reasons.join(" or ");
        let verdict = match (advice.contains(mistake), reasons.as_str()) {
            (true, "") => "Accepted".to_owned(),
            (true, reasons) => format!("Accepted, or refused as {reasons}"),
            (false, reasons) => format!("Refused as {reasons}"),
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

/// The ten commonest have numbers, and codes that exist.
#[test]
fn the_commonest_mistakes_are_in_the_catalogue() {
    let sections: Vec<&str> = COMMONEST.split("\n### ").skip(1).collect();
    assert_eq!(sections.len(), 10);
    for (number, section) in (1..).zip(sections) {
        assert!(section.starts_with(&format!("{number}. ")), "{section}");
        let text = section.split('|').next().unwrap();
        let codes: Vec<&str> = text.split('`').skip(1).step_by(2).filter(|code| code.contains('_')).collect();
        let is_named = |code: &&str| Mistake::ALL.iter().any(|mistake| mistake.code() == *code);
        let named = codes.iter().filter(|code| is_named(code)).count();
        assert!(named >= 1 || text.contains("`undefined`"), "{section}");
        assert!(codes.iter().all(|code| is_named(code) || *code == "external_id"), "{codes:?}");
        for language in ["Node", "Python", "PHP", "Ruby"] {
            assert!(section.contains(&format!("| {language} |")), "{language}: {section}");
        }
        assert!(section.contains("| .NET |") || section.contains("| Java |"), "{section}");
    }
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
    // What is never a reason is advice, and some mistakes are both.
    let advice = advice();
    for mistake in Mistake::ALL {
        assert!(advice.contains(mistake) || !mistake.reasons().is_empty(), "{mistake}");
    }
    assert!(advice.contains(&Mistake::SecretExposed) && advice.contains(&Mistake::LifetimeShort));
    let groups: Vec<_> = Mistake::ALL.iter().map(|mistake| mistake.group()).collect();
    assert!(groups.is_sorted());
}
