//! The public interface of the library, in `public.txt`: no change of it goes unnoticed.
//!
//! The lint `unreachable_pub` makes sure that `pub` means public here. So the interface is what the source
//! calls `pub`, and the implementations of traits for it; see `listing`.
#![allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "tests have no public interface")]

mod listing;
mod macros;

use std::{collections::BTreeSet, fs, path::Path};

use self::listing::{Source, list};

/// Set, the file is written instead of being compared.
const WRITE: &str = "BOOSTGPT_SSO_WRITE_API";

#[test]
fn the_public_interface_is_the_recorded_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = list(&Source::read(&folder.join("../../src/lib.rs")));
    let file = folder.join("public.txt");
    if std::env::var_os(WRITE).is_some() {
        fs::write(&file, listed.join("\n") + "\n").unwrap();
    }
    let recorded = fs::read_to_string(&file).unwrap();
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<BTreeSet<_>>();
    let recorded = lines(&recorded.lines().collect::<Vec<_>>());
    let listed: BTreeSet<String> = listed.into_iter().collect();
    assert!(listed.len() > 500, "only {} lines: the listing is broken", listed.len());
    let difference: Vec<String> = (recorded.difference(&listed).map(|line| format!("- {line}")))
        .chain(listed.difference(&recorded).map(|line| format!("+ {line}")))
        .collect();
    assert!(
        difference.is_empty(),
        "the public interface is another one:\n{}\nWhat is gone or changed breaks programs. If all of it is \
         meant, write the file anew, and a line in CHANGELOG.md:\n{WRITE}=1 cargo test -p test-api",
        difference.join("\n")
    );
}

/// What the interface of a crate of these files is.
fn listed(files: &[(&str, &str)]) -> Vec<String> {
    list(&Source::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))))
}

const BEFORE: &str = r#"
    //! A crate.
    #[cfg(feature = "more")]
    mod inner;
    pub use self::inner::Thing;
    /// Documented.
    #[derive(Clone)]
    #[must_use]
    pub struct Point { pub x: i32, hidden: u8 }
    pub enum Kind { First, Second(u8), Third { named: u16 } }
    pub trait Draw: Send { fn draw(&self); fn twice(&self) { self.draw(); } }
    impl Draw for Point { fn draw(&self) {} }
    impl Point { pub fn new(x: i32) -> Self { Self { x, hidden: 0 } } fn private(&self) {} }
    pub const LIMIT: usize = 8;
    pub fn free<T: Copy>(one: T) -> T { one }
    mod private { pub(crate) struct Hidden; impl Clone for Hidden { fn clone(&self) -> Self { Hidden } } }
"#;

const INNER: &str = "pub struct Thing(pub u8, u16); #[cfg(test)] mod tests { pub struct Test; }";

#[test]
fn what_is_public_is_listed_and_nothing_else() {
    let listed = listed(&[("lib.rs", BEFORE), ("inner.rs", INNER)]);
    let expected = [
        "const LIMIT: usize = 8",
        "enum Kind",
        "enum Kind: First",
        "enum Kind: Second(u8)",
        "enum Kind: Third { named: u16 }",
        "fn free<T: Copy>(one: T) -> T",
        "impl Draw for Point",
        "impl Point: fn new(x: i32) -> Self",
        "struct Point #[derive(Clone)] #[must_use] and private fields",
        "struct Point: x: i32",
        "struct Thing and private fields [feature = \"more\"]",
        "struct Thing: 0: u8 [feature = \"more\"]",
        "trait Draw: Send",
        "trait Draw: fn draw(&self)",
        "trait Draw: fn twice(&self) provided",
        "use self::inner::Thing",
    ];
    assert_eq!(listed, expected);
}

#[test]
fn every_kind_of_change_is_noticed() {
    let before = listed(&[("lib.rs", BEFORE), ("inner.rs", INNER)]);
    for (old, new) in [
        ("#[derive(Clone)]", ""),
        ("#[must_use]", ""),
        ("pub x: i32", "x: i32"),
        ("pub x: i32", "pub x: i64"),
        (", hidden: u8", ""),
        ("First,", ""),
        ("First,", "First, Another,"),
        ("named: u16", "named: u32"),
        ("Draw: Send", "Draw: Send + Sync"),
        ("fn twice(&self) { self.draw(); }", "fn twice(&self);"),
        ("impl Draw for Point { fn draw(&self) {} }", ""),
        ("pub fn new(x: i32)", "fn new(x: i32)"),
        ("pub fn new(x: i32) -> Self", "pub fn new(x: i32) -> Option<Self>"),
        ("pub fn new", "pub const fn new"),
        ("LIMIT: usize = 8", "LIMIT: usize = 9"),
        ("T: Copy", "T: Clone"),
        ("feature = \"more\"", "feature = \"most\""),
        ("pub use self::inner::Thing;", ""),
        ("pub enum Kind", "#[non_exhaustive] pub enum Kind"),
    ] {
        let changed = BEFORE.replacen(old, new, 1);
        assert_ne!(changed, BEFORE, "{old} is not there");
        let after = listed(&[("lib.rs", &changed), ("inner.rs", INNER)]);
        assert_ne!(after, before, "{old} became {new} unnoticed");
    }
    for (old, new) in [("Documented.", "Other words."), ("fn private(&self) {}", ""), ("hidden", "secret")] {
        let changed = BEFORE.replace(old, new);
        assert_ne!(changed, BEFORE, "{old} is not there");
        assert_eq!(listed(&[("lib.rs", &changed), ("inner.rs", INNER)]), before, "{old} became {new}");
    }
}
