//! The library's floors and what the command may know; sizes, widths and places of files. See
//! `ARCHITECTURE.md`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use crate::imports::{Tree, circle};

/// The library's modules, from the ground up: a module imports only from lower floors. A folder's files
/// belong to its module, if they have no floor of their own.
const FLOORS: &[&[&str]] = &[
    &["clock", "coded", "hidden", "json"],
    &["error", "id", "identity", "secret"],
    &["jwt"],
    &["signer", "verifier"],
    &["store"],
    &["authenticator", "store/conformance", "store/postgres", "store/sqlite"],
    &["diagnose", "store/connect", "web"],
];

/// Adapters do the same jobs, and their functions for a job have one name on purpose.
const ADAPTERS: [&[&str]; 2] =
    [&["src/store/memory", "src/store/postgres", "src/store/sqlite"], &["src/web/actix", "src/web/axum"]];

/// Verbs that several modules have. They are called through the name of their module, `projects::find`, or
/// within it alone.
const VERBS: &[&str] = &["find", "list", "read"];

/// What may be at the repository's root.
const ROOT: &[&str] = &[
    ".ci",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "PERFORMANCE.md",
    "README.md",
    "SECURITY.md",
    "benches",
    "cli",
    "clippy.toml",
    "demo",
    "deny.toml",
    "docs",
    "examples",
    "fuzz",
    "rustfmt.toml",
    "scripts",
    "src",
    "tests",
];

/// The widest line of code, in characters.
const MAX_WIDTH: usize = 110;

/// The largest file in the repository, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn library() -> Tree {
    Tree::read(root(), "src/lib.rs")
}

fn command() -> Tree {
    Tree::read(root(), "cli/src/main.rs")
}

fn demo() -> Tree {
    Tree::read(root(), "demo/src/main.rs")
}

/// Returns the files that git tracks and that are not deleted.
fn tracked() -> Vec<String> {
    let output =
        Command::new("git").arg("-C").arg(root()).args(["ls-files", "-z"]).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    let names: Vec<String> = names.split_terminator('\0').map(str::to_owned).collect();
    assert!(names.len() > 100, "only {} files are tracked", names.len());
    names.into_iter().filter(|name| root().join(name).exists()).collect()
}

/// Returns a file's floor and module: the longest name in the list that its path begins with.
fn floor(file: &str) -> (usize, &'static str) {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let floors =
        FLOORS.iter().enumerate().flat_map(|(floor, modules)| modules.iter().map(move |name| (floor, *name)));
    let own =
        |name: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let own = floors.filter(|(_, name)| own(name)).max_by_key(|(_, name)| name.len());
    own.unwrap_or_else(|| panic!("{file} is on no floor: give its module one in FLOORS"))
}

#[test]
fn modules_import_only_from_lower_floors() {
    let tree = library();
    let (mut arrows, mut modules) = (0, Vec::new());
    for (file, imports) in tree.arrows() {
        if file == "src/lib.rs" {
            continue;
        }
        // The file that puts a folder together imports all of it.
        let folder = file.strip_suffix("mod.rs");
        let (own, module) = floor(file);
        modules.push(module);
        for import in imports {
            if folder.is_some_and(|folder| import.starts_with(folder)) {
                continue;
            }
            let (below, other) = floor(import);
            assert!(
                other == module || below < own,
                "{file} imports from {import}, which is not on a lower floor"
            );
            arrows += 1;
        }
    }
    assert!(arrows >= 150, "only {arrows} imports were found: the scan is broken");
    for module in FLOORS.concat() {
        assert!(modules.contains(&module), "there is no module {module}: take it out of FLOORS");
    }
}

#[test]
fn no_files_import_from_each_other_in_a_circle() {
    for tree in [library(), command(), demo()] {
        assert_eq!(circle(&tree.arrows()), None);
    }
}

/// Returns the name of the type that this line of code declares. (A `type` within an implementation has the
/// name that the trait gives it.)
fn declared(line: &str) -> Option<&str> {
    let is_inside = line.starts_with(' ');
    let mut words = line.split_whitespace().filter(|word| !word.starts_with("pub") && *word != "in");
    let mut word = words.next()?;
    while word.ends_with(')') {
        word = words.next()?; // of `pub(in …)`
    }
    let is_type = matches!(word, "struct" | "enum" | "trait" | "union") || (word == "type" && !is_inside);
    let name = words.next().filter(|_| is_type)?;
    name.split(|c: char| !c.is_alphanumeric()).next()
}

#[test]
fn no_two_types_share_a_name() {
    for tree in [library(), command(), demo()] {
        let mut places = BTreeMap::<String, Vec<&str>>::new();
        for (file, code) in tree.files() {
            for name in code.lines().filter_map(declared) {
                places.entry(name.to_owned()).or_default().push(file);
            }
        }
        assert!(places.len() > 10, "the scan is broken: {places:?}");
        places.retain(|_, files| files.len() > 1);
        assert!(places.is_empty(), "one name, several types: {places:#?}");
    }
}

/// Returns the name of the function outside of any type that this line of code declares.
fn free_function(line: &str) -> Option<&str> {
    let (before, name) = line.split_once("fn ")?;
    let is_declaration = before.chars().all(|c| c.is_ascii_lowercase() || "(:) ".contains(c));
    name.split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .filter(|_| is_declaration && !line.starts_with(' '))
}

#[test]
fn no_two_free_functions_of_the_library_share_a_name() {
    let tree = library();
    let mut places = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (file, code) in tree.files() {
        for name in code.lines().filter_map(free_function).filter(|name| !VERBS.contains(name)) {
            places.entry(name).or_default().insert(file);
        }
    }
    assert!(places.len() > 300, "only {} functions were found: the scan is broken", places.len());
    // At most one function of each adapter, and none elsewhere.
    let is_one_job = |files: &BTreeSet<&str>, adapters: &[&str]| {
        let in_adapter = |adapter: &&str| files.iter().filter(|file| file.starts_with(adapter)).count();
        let counts: Vec<usize> = adapters.iter().map(in_adapter).collect();
        counts.iter().all(|count| *count <= 1) && counts.iter().sum::<usize>() == files.len()
    };
    places.retain(|_, files| files.len() > 1 && !ADAPTERS.iter().any(|adapters| is_one_job(files, adapters)));
    assert!(places.is_empty(), "one name, several functions: {places:#?}");
}

/// One clock for the time of a call and for the cache; the databases measure how long something takes.
#[test]
fn only_these_read_a_clock_or_reach_outside() {
    const CLOCK: &[&str] = &["src/clock.rs"];
    const TIMERS: &[&str] = &["src/clock.rs", "src/store/sqlite/", "src/store/postgres/"];
    /// The environment's secrets, the databases, and the threads and files of the embedded one.
    const OUTSIDE: &[&str] = &[
        "src/secret.rs",
        "src/store/sealing.rs",
        "src/store/conformance/threads.rs",
        "src/store/sqlite/",
        "src/store/postgres/",
    ];
    let rules: [(&[&str], &[&str]); 3] = [
        (CLOCK, &["SystemTime", "OffsetDateTime::now"]),
        (TIMERS, &["Instant"]),
        (OUTSIDE, &["env::", "fs::", "net::", "process::", "thread::", "println!", "eprintln!", "dbg!"]),
    ];
    for (name, code) in library().files() {
        for (places, words) in rules {
            for word in words.iter().filter(|_| !places.iter().any(|place| name.starts_with(place))) {
                assert!(!code.contains(word), "{name} says {word}, which only {places:?} may");
            }
        }
    }
}

/// Only these files of the command read keys or know the streams.
#[test]
fn the_command_reads_keys_and_writes_in_few_places() {
    let rules: [(&str, &[&str]); 5] = [
        ("stdout()", &["cli/src/output.rs", "cli/src/terminal.rs"]),
        ("stderr()", &["cli/src/terminal.rs"]),
        ("from_env()", &["cli/src/keys.rs"]),
        ("File::open", &["cli/src/input.rs", "cli/src/keys.rs"]),
        ("expose_secret", &["cli/src/secret.rs"]),
    ];
    let tree = command();
    for (word, places) in rules {
        let files = || tree.files().filter(|(_, code)| code.contains(word)).map(|(name, _)| name);
        assert!(files().next().is_some(), "no file says {word}: take it out of this list");
        for name in files() {
            assert!(places.contains(&name), "{name} says {word}, which only {places:?} may");
        }
    }
}

#[test]
fn files_are_short_enough_to_read_in_one_sitting() {
    const LIMITS: &[(&str, usize)] = &[
        ("examples/custom_store/", 250),
        ("examples/", 70),
        ("src/", 400),
        ("cli/", 250),
        ("demo/tests/", 450),
        ("demo/", 250),
        ("tests/", 450),
        ("benches/", 450),
    ];
    /// One test for each row of the token rules.
    const EXCEPT: &[&str] = &["tests/suite/rules.rs"];
    for name in tracked().iter().filter(|name| name.ends_with(".rs") && !EXCEPT.contains(&name.as_str())) {
        let lines = fs::read_to_string(root().join(name)).unwrap().lines().count();
        let limit =
            LIMITS.iter().find(|(folder, _)| name.starts_with(folder)).map_or(400, |(_, limit)| *limit);
        assert!(
            lines <= limit,
            "{name} has {lines} lines, more than {limit}: look for the second idea in it"
        );
    }
}

#[test]
fn lines_are_not_too_wide() {
    const CODE: &[&str] = &["rs", "sql", "js", "mjs", "py", "rb", "php", "go"];
    /// These are not held to it yet.
    const EXCEPT: &str = "benches/languages/";
    let code = |name: &str| {
        let end = name.rsplit('.').next().unwrap_or_default();
        (CODE.contains(&end) || name.starts_with("scripts/")) && !name.starts_with(EXCEPT)
    };
    let mut wide = Vec::new();
    for name in tracked().into_iter().filter(|name| code(name)) {
        let text = fs::read_to_string(root().join(&name)).unwrap();
        let lines = text.lines().enumerate().filter(|(_, line)| line.chars().count() > MAX_WIDTH);
        wide.extend(lines.map(|(number, _)| format!("{name}:{}", number + 1)));
    }
    assert!(wide.is_empty(), "wider than {MAX_WIDTH}: {wide:#?}");
}

#[test]
fn the_repository_has_only_what_belongs_there() {
    for name in tracked() {
        let first = name.split('/').next().unwrap();
        assert!(ROOT.contains(&first), "{name} is at the root: is it meant to be there? Then add it to ROOT");
        let parts = || name.split('/');
        assert!(!parts().any(|part| part.starts_with(".tmp")), "{name} is of a temporary folder");
        let ends = [".db", ".db-wal", ".db-shm", ".sqlite", ".sqlite3", ".crate", ".o", ".so", ".log"];
        assert!(
            !ends.iter().any(|end| name.ends_with(end)),
            "{name} is a file of a program, not of the project"
        );
        let size = fs::metadata(root().join(&name)).unwrap().len();
        assert!(size <= MAX_FILE, "{name} has {size} bytes");
    }
}

#[test]
fn every_token_rule_is_named_in_the_code_and_in_a_test() {
    const RULES: &str = "S1 S2 H1 H2 H3 H4 H5 M1 P1 C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12";
    let sources = tracked().into_iter().filter(|name| name.starts_with("src/") && name.ends_with(".rs"));
    let code: String = sources.map(|name| fs::read_to_string(root().join(name)).unwrap()).collect();
    let tests = fs::read_to_string(root().join("tests/suite/rules.rs")).unwrap();
    for rule in RULES.split(' ') {
        let named = code.split(|c: char| !c.is_alphanumeric()).any(|word| word == rule);
        assert!(named, "{rule} is not named in src");
        assert!(tests.contains(&format!("fn {}_", rule.to_lowercase())), "{rule} has no test named after it");
    }
}
