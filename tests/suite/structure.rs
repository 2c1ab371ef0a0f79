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
    &["src/id.rs", "src/error.rs", "src/identity.rs", "src/secret.rs"],
    &["src/jwt/base64url.rs", "src/jwt/json.rs", "src/jwt/numeric_date.rs"],
    &["src/jwt/documented.rs"],
    &["src/jwt/header.rs", "src/jwt/hs256.rs", "src/jwt/claims.rs"],
    &["src/jwt/mod.rs"],
    &["src/token.rs"],
    &["src/store/model.rs"],
    &["src/store/linking.rs", "src/store/sealing.rs"],
    &["src/store/error.rs", "src/store/names.rs"],
    &["src/store/traits.rs"],
    &["src/store/memory.rs", "src/store/sqlite/error.rs", "src/store/postgres/error.rs"],
    &[
        "src/store/sqlite/statements.rs",
        "src/store/sqlite/schema.rs",
        "src/store/postgres/value.rs",
        "src/store/postgres/dial.rs",
    ],
    &["src/store/sqlite/worker.rs", "src/store/sqlite/provision.rs", "src/store/postgres/options.rs"],
    &["src/store/sqlite/database.rs", "src/store/postgres/connection.rs"],
    &["src/store/sqlite/secrets.rs", "src/store/sqlite/subscribers.rs", "src/store/postgres/schema.rs"],
    &["src/store/postgres/database.rs"],
    &["src/store/postgres/provision.rs", "src/store/postgres/secrets.rs"],
    &["src/store/postgres/forget.rs"],
    &["src/store/postgres/subscribers.rs"],
    &["src/store/sqlite/mod.rs", "src/store/postgres/mod.rs"],
    &["src/store/connect.rs"],
    &["src/store/mod.rs"],
    &["src/authenticator/keys.rs"],
    &["src/authenticator/mod.rs"],
    &["src/web/address.rs", "src/web/answer.rs", "src/web/presented.rs", "src/web/token_response.rs"],
    &["src/web/snippet.rs", "src/web/axum.rs", "src/web/actix.rs"],
    &["src/web/mod.rs"],
    &["src/diagnose/mistake.rs", "src/diagnose/shown.rs", "src/diagnose/object.rs"],
    &["src/diagnose/remedy.rs", "src/diagnose/finding.rs", "src/diagnose/keys.rs"],
    &["src/diagnose/report.rs", "src/diagnose/segments.rs", "src/diagnose/trial.rs"],
    &[
        "src/diagnose/transport.rs",
        "src/diagnose/header.rs",
        "src/diagnose/dates.rs",
        "src/diagnose/people.rs",
    ],
    &["src/diagnose/signature.rs"],
    &["src/diagnose/payload.rs"],
    &["src/diagnose/mod.rs"],
    &["src/lib.rs"],
];

/// The file of ours that a name in an import means: the nearest one of that name, from the importer's folder upwards.
fn file_named(module: &str, importer: &str) -> Option<String> {
    let folders = importer.rmatch_indices('/').map(|(end, _)| &importer[..end]);
    folders
        .flat_map(|folder| [format!("{folder}/{module}.rs"), format!("{folder}/{module}/mod.rs")])
        .find(|file| root().join(file).exists() && file != importer)
}

/// The words in a file's `use` declarations of ours, and whether more of a path follows.
fn imports(text: &str) -> BTreeSet<(&str, bool)> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let declarations = code.split(';').filter_map(|code| code.split_once("use ")).map(|(_, names)| names);
    let ours = declarations
        .filter(|names| ["crate::", "super::", "self::"].iter().any(|start| names.starts_with(start)));
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let words = ours.flat_map(|names| {
        names.match_indices(word).filter(move |(at, _)| !names[..*at].ends_with(word)).map(move |(at, _)| {
            let (name, rest) =
                names[at..].split_at(names[at..].find(|c| !word(c)).unwrap_or(names.len() - at));
            (name, rest.starts_with("::"))
        })
    });
    words.collect()
}

#[test]
fn a_file_imports_only_from_lower_floors() {
    let floor = |file: &str| {
        let floor = FLOORS.iter().position(|floor| floor.contains(&file));
        floor.unwrap_or_else(|| panic!("{file} stands on no floor: give it one in this test"))
    };
    let mut arrows = 0;
    for (name, text) in rust_files("src") {
        if name == "src/jwt/corpora.rs" || name.ends_with("/tests.rs") || name.contains("conformance") {
            continue; // tests
        }
        let own = floor(&name);
        let files = imports(&text).into_iter().filter_map(|(import, is_path)| {
            // A folder in the middle of a path is no import of what its `mod.rs` puts together.
            file_named(import, &name).filter(|file| !(is_path && file.ends_with("/mod.rs")))
        });
        for import in files {
            assert!(floor(&import) < own, "{name} imports {import}, which is not on a lower floor");
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
    assert!(arrows >= 60, "only {arrows} imports were found: the scan is broken");
}

#[test]
fn only_these_read_a_clock_or_reach_outside() {
    /// `id` for the time in a new id, `token`, `authenticator` and `diagnose` for the time of a call, the
    /// databases for their time-outs.
    const CLOCKS: &[&str] = &[
        "src/id.rs",
        "src/token.rs",
        "src/authenticator/",
        "src/diagnose/mod.rs",
        "src/store/sqlite/database.rs",
        "src/store/postgres/connection.rs",
    ];
    /// The environment's secrets, the databases, and the threads and files of the embedded one.
    const OUTSIDE: &[&str] =
        &["src/secret.rs", "src/store/sealing.rs", "src/store/sqlite/", "src/store/postgres/"];
    for (name, text) in rust_files("src").into_iter().filter(|(name, _)| !name.ends_with("/tests.rs")) {
        let among = |allowed: &[&str]| allowed.iter().any(|start| name.starts_with(start));
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for clock in ["SystemTime", "now_utc", "now_local", "Instant"] {
            assert!(among(CLOCKS) || !code.contains(clock), "{name} reads a clock ({clock})");
        }
        for outside in ["env::", "fs::", "net::", "process::", "thread::", "println!", "eprintln!", "dbg!"] {
            assert!(among(OUTSIDE) || !code.contains(outside), "{name} reaches outside ({outside})");
        }
    }
}

#[test]
fn files_stay_readable_in_one_sitting() {
    for (folder, most) in [("src", 400), ("cli", 250)] {
        for (name, text) in rust_files(folder) {
            let lines = text.lines().count();
            assert!(lines <= most, "{name} has {lines} lines: look for the second idea in it");
        }
    }
}

/// The command stands on the library, never the other way round; and only its named files read keys or know the streams.
#[test]
fn the_command_is_no_part_of_the_library() {
    for (name, text) in rust_files("src") {
        assert!(!text.contains("clap"), "{name} knows of the command's arguments");
    }
    for (name, text) in rust_files("cli") {
        let rules = [
            ("stdout()", "cli/terminal.rs"),
            ("stderr()", "cli/terminal.rs"),
            ("from_env()", "cli/keys.rs"),
            ("File::open", "cli/keys.rs"),
            ("expose_secret", "cli/secret.rs"),
        ];
        for (word, place) in rules {
            assert!(name == place || !text.contains(word), "{name} says {word}, which belongs into {place}");
        }
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
