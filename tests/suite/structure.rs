//! The house: floors, sizes, and where a rule is written down. See `ARCHITECTURE.md`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut folders = vec![root().join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                files.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(!files.is_empty());
    files
}

/// What a file may import, floor by floor: only what stands before it on a lower floor.
const FLOORS: &[&[&str]] = &[
    &["src/bot_id.rs", "src/error.rs", "src/identity.rs", "src/secret.rs"],
    &["src/jwt/base64url.rs", "src/jwt/json.rs", "src/jwt/numeric_date.rs"],
    &["src/jwt/header.rs", "src/jwt/hs256.rs", "src/jwt/claims.rs"],
    &["src/jwt/mod.rs"],
    &["src/token.rs"],
    &["src/lib.rs"],
];

/// The module that a file is: its name, or its folder's for a `mod.rs`.
fn module(file: &str) -> &str {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The modules of ours that a file's `use` declarations name.
fn imports(text: &str) -> BTreeSet<&str> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let declarations = code.split(';').filter_map(|code| code.split_once("use ")).map(|(_, names)| names);
    let ours = declarations
        .filter(|names| ["crate::", "super::", "self::"].iter().any(|start| names.starts_with(start)));
    ours.flat_map(|names| names.split(|c: char| !(c.is_alphanumeric() || c == '_'))).collect()
}

#[test]
fn a_file_imports_only_from_lower_floors() {
    let floor = |module_name: &str| {
        FLOORS.iter().position(|floor| floor.iter().any(|file| module(file) == module_name))
    };
    let mut arrows = 0;
    for (name, text) in rust_files("src") {
        if name == "src/jwt/corpora.rs" {
            continue; // tests
        }
        let own = floor(module(&name))
            .unwrap_or_else(|| panic!("{name} stands on no floor: give it one in this test"));
        for (import, below) in imports(&text).into_iter().filter_map(|import| Some((import, floor(import)?)))
        {
            assert!(below < own, "{name} imports {import}, which is not on a lower floor");
            arrows += 1;
        }
        let paths = text.matches("crate::").count() - text.matches("use crate::").count();
        let docs = text
            .lines()
            .filter(|line| line.trim_start().starts_with("//") && line.contains("crate::"))
            .count();
        assert!(
            paths <= docs,
            "{name} names a module outside of a use declaration, where this test does not look"
        );
    }
    assert!(arrows >= 15, "only {arrows} imports were found: the scan is broken");
}

#[test]
fn only_the_token_floor_reads_a_clock_and_only_the_secret_the_environment() {
    for (name, text) in rust_files("src") {
        for clock in ["SystemTime", "now_utc", "now_local", "Instant"] {
            assert!(name == "src/token.rs" || !text.contains(clock), "{name} reads a clock ({clock})");
        }
        for outside in ["env::", "fs::", "net::", "process::", "thread::", "println!", "eprintln!", "dbg!"] {
            let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            assert!(name == "src/secret.rs" || !code.contains(outside), "{name} reaches outside ({outside})");
        }
    }
}

#[test]
fn files_stay_readable_in_one_sitting() {
    for (name, text) in rust_files("src") {
        let lines = text.lines().count();
        assert!(lines <= 400, "{name} has {lines} lines: look for the second idea in it");
    }
}

#[test]
fn every_token_rule_is_named_in_the_code_and_in_a_test() {
    let rules = "S1 S2 H1 H2 H3 H4 H5 M1 P1 C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12";
    let code: String = rust_files("src").into_iter().map(|(_, text)| text).collect();
    let tests = fs::read_to_string(root().join("tests/suite/rules.rs")).unwrap();
    for rule in rules.split(' ') {
        let named = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == rule);
        assert!(named(&code), "{rule} is not named in src");
        assert!(tests.contains(&format!("fn {}_", rule.to_lowercase())), "{rule} has no test named after it");
    }
}
