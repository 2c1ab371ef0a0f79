//! What the crate is made of: its dependencies, its minimum Rust version, its examples.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the lines of `cargo tree`, each once.
fn tree(format: &str, arguments: &[&str]) -> BTreeSet<String> {
    let lines = cargo(&[&["tree", "--locked", "--prefix", "none", "--format", format], arguments].concat());
    let lines = lines.lines().map(|line| line.trim_end_matches(" (*)").to_owned());
    lines.filter(|line| !line.is_empty() && !line.starts_with('[')).collect()
}

/// Our direct dependencies, and everything that they bring along: no async runtime, no database, no HTTP.
#[test]
fn default_features_pull_in_these_crates_and_no_others() {
    const DIRECT: &[&str] = &[
        "base64",
        "hex",
        "hmac",
        "memchr",
        "rand",
        "serde",
        "serde_json",
        "sha2",
        "thiserror",
        "time",
        "zeroize",
    ];
    const INDIRECT: &[&str] = &[
        "block-buffer",
        "cfg-if",
        "cmov",
        "cpufeatures",
        "crypto-common",
        "ctutils",
        "deranged",
        "digest",
        "getrandom",
        "hybrid-array",
        "itoa",
        "libc",
        "num-conv",
        "powerfmt",
        "proc-macro2",
        "quote",
        "rand_core",
        "serde_core",
        "syn",
        "thiserror-impl",
        "time-core",
        "typenum",
        "unicode-ident",
        "zmij",
    ];
    let names = |lists: &[&[&str]]| {
        lists.concat().into_iter().map(|name| name.replace('-', "_")).collect::<BTreeSet<_>>()
    };
    let tree = |depth| {
        let linux = ["--target", "x86_64-unknown-linux-gnu"]; // others have crates of their own
        let mut tree = tree("{lib}", &[&["--edges", "normal", "--depth", depth], &linux[..]].concat());
        assert!(tree.remove("boostgpt_sso"));
        tree
    };
    assert_eq!(tree("1"), names(&[DIRECT]), "direct dependencies");
    assert_eq!(tree("99"), names(&[DIRECT, INDIRECT]), "all dependencies");
}

/// How many packages are compiled for what people do first, this one included.
#[test]
fn few_packages_are_compiled() {
    const LIMITS: &[(&str, usize, &[&str])] = &[
        ("a customer's back end that signs", 37, &["--edges", "normal,build"]),
        ("cargo run --example quickstart --features sqlite", 75, &["--features", "sqlite"]),
        ("cargo test", 110, &[]),
    ];
    for (what, limit, arguments) in LIMITS {
        let packages = tree("{p}", arguments);
        assert!(packages.len() <= *limit, "{what}: {} packages, more than {limit}", packages.len());
        assert!(packages.len() > 30, "{what}: {packages:?}");
    }
}

/// The stores' traits and the authenticator need no runtime, and no database but the one that is asked for.
#[test]
fn the_store_feature_brings_no_runtime_and_no_database() {
    let tree = tree("{lib} {f}", &["--edges", "normal", "--features", "store"]);
    assert!(tree.contains("tokio sync"), "tokio's features: {tree:?}");
    for unwanted in ["mio ", "rusqlite ", "libsqlite3_sys ", "hyper ", "futures_executor "] {
        assert!(!tree.iter().any(|line| line.starts_with(unwanted)), "{unwanted} is in {tree:?}");
    }
}

/// For axum its core is enough.
#[test]
fn the_axum_feature_brings_no_runtime_and_no_server() {
    let tree = tree("{lib}", &["--edges", "normal", "--features", "axum"]);
    assert!(tree.contains("axum_core"), "{tree:?}");
    for unwanted in ["axum", "tokio", "mio", "hyper", "tower", "actix_web", "futures_executor"] {
        assert!(!tree.contains(unwanted), "{unwanted} is in {tree:?}");
    }
}

/// `rust-version` is no lower than any dependency's, as locked: those of the library, of the command, and of
/// what tests them. The lint `incompatible_msrv` checks our own code, and the workflow compiles with that
/// version.
#[test]
fn the_minimum_rust_version_is_honest() {
    let arguments = ["metadata", "--locked", "--format-version", "1", "--all-features"];
    let metadata: Value = serde_json::from_str(&cargo(&arguments)).unwrap();
    let version = |package: &Value| -> Option<(u64, u64)> {
        let mut parts = package["rust_version"].as_str()?.split('.').map(|part| part.parse().unwrap());
        Some((parts.next()?, parts.next()?))
    };
    let packages = metadata["packages"].as_array().unwrap();
    let own = packages.iter().find(|package| package["name"] == "boostgpt-sso").and_then(version).unwrap();
    for package in packages {
        let (name, needed) = (&package["name"], version(package));
        assert!(needed <= Some(own), "{name} {} needs Rust {needed:?}", package["version"]);
    }
    assert!(packages.len() > 300, "only {} packages were looked at", packages.len());
    assert!(packages.iter().filter(|package| version(package).is_some()).count() > 200);

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workflow = fs::read_to_string(root.join(".github/workflows/test.yml")).unwrap();
    let image = format!("container: rust:{}.{}-", own.0, own.1);
    assert!(workflow.contains(&image), "the workflow does not compile with that version: {image}");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("incompatible_msrv = \"deny\""));
}

/// `full` is all features, and the README's table names each of them.
#[test]
fn full_has_every_feature_and_the_readme_lists_them() {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--locked", "--format-version", "1"]))
            .unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let own = packages.iter().find(|package| package["name"] == "boostgpt-sso").unwrap();
    let features = own["features"].as_object().unwrap();
    let mut all: BTreeSet<&str> = features.keys().map(String::as_str).collect();
    assert!(all.remove("default") && features["default"].as_array().unwrap().is_empty());
    let mut reached = BTreeSet::from(["full"]);
    let mut next = vec!["full"];
    while let Some(feature) = next.pop() {
        let brings = features[feature].as_array().unwrap().iter().filter_map(Value::as_str);
        next.extend(brings.filter(|brought| all.contains(brought) && reached.insert(brought)));
    }
    assert_eq!(reached, all, "what `full` brings");

    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, table) = readme.split_once("| feature | what it adds |\n|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let named = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    assert_eq!(named.collect::<BTreeSet<_>>(), all, "what the README lists");
}

#[test]
fn every_example_is_in_the_readme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for entry in fs::read_dir(root.join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let ways = [format!("--example {name}"), format!("`{name}`")];
        assert!(ways.iter().any(|way| readme.contains(way)), "{name} is not in the README");
    }
}

/// A file that is left out breaks the build of who uses the package, and one too many is in it for ever.
#[test]
fn the_package_has_the_library_and_what_its_documents_link_to() {
    let listed = cargo(&["package", "--locked", "--list", "--allow-dirty"]);
    let files: BTreeSet<&str> = listed.lines().collect();
    for file in ["src/lib.rs", "examples/sign.rs", "tests/vectors/README.md", "docs/troubleshooting.md"] {
        assert!(files.contains(file), "{file} is missing");
    }
    let folders = ["src", "examples", "tests/vectors", "docs"];
    for file in files {
        let known = folders.iter().any(|folder| file.starts_with(&format!("{folder}/")));
        assert!(known || !file.contains('/'), "{file} is in the package");
    }
}
