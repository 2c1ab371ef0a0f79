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
        "serde_derive",
        "syn",
        "thiserror-impl",
        "time-core",
        "typenum",
        "unicode-ident",
        "zmij",
    ];
    let tree = |depth: &str| {
        cargo(&["tree", "--edges", "normal", "--prefix", "none", "--format", "{lib}", "--depth", depth])
            .lines()
            .map(|line| line.trim_end_matches(" (*)").replace('_', "-"))
            .filter(|name| name != "boostgpt-sso")
            .collect::<BTreeSet<_>>()
    };
    let names =
        |lists: &[&[&str]]| lists.concat().iter().map(|name| name.replace('_', "-")).collect::<BTreeSet<_>>();
    assert_eq!(tree("1"), names(&[DIRECT]));
    let (all, known) = (tree("99"), names(&[DIRECT, INDIRECT]));
    let unknown: Vec<_> = all.difference(&known).collect();
    assert!(unknown.is_empty(), "new crates in the default features: {unknown:?}");
}

/// The stores' traits and the authenticator need no runtime, and no database but the one that is asked for.
#[test]
fn the_store_feature_brings_no_runtime_and_no_database() {
    let tree = cargo(&[
        "tree",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{lib} {f}",
        "--features",
        "store",
    ]);
    let tokio = tree.lines().find(|line| line.starts_with("tokio ")).unwrap();
    assert_eq!(tokio.trim_end_matches(" (*)"), "tokio sync", "tokio's features");
    for unwanted in ["mio ", "rusqlite ", "libsqlite3_sys ", "hyper ", "futures_executor "] {
        assert!(!tree.lines().any(|line| line.starts_with(unwanted)), "{unwanted} is in {tree}");
    }
}

/// For axum its core is enough.
#[test]
fn the_axum_feature_brings_no_runtime_and_no_server() {
    let tree =
        cargo(&["tree", "--edges", "normal", "--prefix", "none", "--format", "{lib}", "--features", "axum"]);
    assert!(tree.lines().any(|line| line == "axum_core"), "{tree}");
    for unwanted in ["axum", "tokio", "mio", "hyper", "tower", "actix_web", "futures_executor"] {
        assert!(
            !tree.lines().any(|line| line.trim_end_matches(" (*)") == unwanted),
            "{unwanted} is in {tree}"
        );
    }
}

/// `rust-version` is no lower than any dependency's, as locked.
#[test]
fn the_minimum_rust_version_is_honest() {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--all-features"])).unwrap();
    let version = |package: &Value| -> Option<(u64, u64)> {
        let mut parts = package["rust_version"].as_str()?.split('.').map(|part| part.parse().unwrap());
        Some((parts.next()?, parts.next()?))
    };
    let arguments = [
        "tree",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--target",
        "all",
        "--all-features",
    ];
    let normal: BTreeSet<String> = cargo(&arguments)
        .lines()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ").replace(" v", " "))
        .collect();
    let packages = metadata["packages"].as_array().unwrap();
    let id = |package: &Value| {
        format!("{} {}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap())
    };
    let own = packages.iter().find(|package| package["name"] == "boostgpt-sso").and_then(version).unwrap();
    let mut seen = 0;
    for package in packages.iter().filter(|package| normal.contains(&id(package))) {
        assert!(version(package) <= Some(own), "{} needs Rust {:?}", id(package), version(package));
        seen += 1;
    }
    assert_eq!(seen, normal.len(), "every package of the tree was looked at");
}

#[test]
fn examples_are_short_and_every_one_is_in_the_readme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for entry in fs::read_dir(root.join("examples")).unwrap() {
        let path = entry.unwrap().path();
        assert_short(&path);
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(readme.contains(&format!("--example {name}")), "{name} is not in the README");
    }
}

/// Every Rust file, in whatever folder.
fn assert_short(path: &Path) {
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| assert_short(&entry.unwrap().path()));
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        let lines = fs::read_to_string(path).unwrap().lines().count();
        assert!(lines < 60, "{} has {lines} lines", path.display());
    }
}
