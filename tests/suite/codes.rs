//! `docs/codes.md` has every code that there is.

use std::{collections::BTreeSet, fs, path::Path};

/// The codes in the sources: what the arms of a `code()` or of a `coded_error!` answer.
fn codes(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let blocks = ["coded_error! {", "pub const fn code(", "pub(crate) const fn code("];
        let blocks = blocks.iter().flat_map(|start| text.split(start).skip(1));
        for block in blocks {
            let end = block.find("\n}").unwrap_or(block.len());
            let quoted = block[..end].lines().filter(|line| line.trim_start().starts_with("Self"));
            found.extend(
                quoted.filter_map(|line| Some(line.split_once("=> \"")?.1.split('"').next()?.to_owned())),
            );
        }
    }
}

#[test]
fn every_code_is_on_the_page_of_codes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/codes.md")).unwrap();
    let mut found = BTreeSet::new();
    codes(&root.join("src"), &mut found);
    let of_the_library = found.len();
    codes(&root.join("cli/src"), &mut found);
    assert!(found.len() > of_the_library + 15, "the command's codes were not found: the scan is broken");
    // The doctor's mistakes are on a page of their own.
    assert!(found.len() > 50, "only {} codes were found: the scan is broken", found.len());
    for code in &found {
        assert!(page.contains(&format!("`{code}`")), "{code} is not in docs/codes.md");
    }
    for code in ["no_secret", "unknown_bot", "secret_changed", "forgotten", "unavailable", "bad_signature"] {
        assert!(found.contains(code), "{code} is no code any more");
    }
}
