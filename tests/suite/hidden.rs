//! The hidden characters: the table against the script that writes it, and against two other readers of
//! Unicode's data.

use std::{fs, path::PathBuf, process::Command};

use boostgpt_sso::{UNICODE_VERSION, is_hidden};
use regex_syntax::hir::{Class, HirKind};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs Node in `tests/foreign`, where its packages are installed.
#[track_caller]
fn node(arguments: &[&str]) -> String {
    let folder = root().join("tests/foreign");
    assert!(
        folder.join("node_modules/@unicode").exists(),
        "Node's libraries are not installed: run scripts/test, which installs them"
    );
    let output =
        Command::new("node").args(arguments).current_dir(folder).output().expect("Node is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn all_hidden() -> Vec<u32> {
    (char::MIN..=char::MAX).filter(|c| is_hidden(*c)).map(u32::from).collect()
}

#[test]
fn the_table_is_what_the_script_writes() {
    let table = fs::read_to_string(root().join("src/hidden/table.rs")).unwrap();
    assert_eq!(table, node(&["hidden-characters.mjs"]), "run scripts/hidden-characters");
    assert!(table.contains(&format!("\"{UNICODE_VERSION}\"")));
}

/// `regex-syntax` may have an older version of Unicode: what it calls hidden must be, and what it does not
/// must be a character that it does not know yet.
#[test]
fn regex_syntax_agrees() {
    let members = |pattern: &str| -> Vec<u32> {
        match regex_syntax::parse(pattern).unwrap().into_kind() {
            HirKind::Class(Class::Unicode(class)) => {
                class.iter().flat_map(|range| range.start()..=range.end()).map(u32::from).collect()
            }
            other => panic!("{pattern} is {other:?}"),
        }
    };
    let hidden = members(r"[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]");
    assert!(hidden.len() > 4000, "{}", hidden.len());
    let unassigned = members(r"\p{Cn}");
    let known: Vec<u32> = all_hidden()
        .into_iter()
        .filter(|c| hidden.binary_search(c).is_ok() || unassigned.binary_search(c).is_err())
        .collect();
    assert_eq!(known, hidden);
}

/// Node has Unicode's data from ICU. Where its version is ours, the sets are equal.
#[test]
fn node_agrees() {
    let program = r"
        const hidden = /^[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]$/u;
        const known = /^\P{Cn}$/u;
        const all = JSON.parse(process.argv[1]);
        const ours = new Set(all);
        const differ = [];
        for (let c = 0; c <= 0x10ffff; c += 1) {
          const text = String.fromCodePoint(c);
          if (hidden.test(text) !== ours.has(c) && (hidden.test(text) || known.test(text))) differ.push(c);
        }
        console.log(JSON.stringify([differ, ours.size]));
    ";
    let ours = all_hidden();
    let answer = node(&["--eval", program, "--", &format!("{ours:?}")]);
    assert_eq!(answer.trim(), format!("[[],{}]", ours.len()));
}

#[test]
fn what_people_see_is_not_hidden() {
    for seen in "!~aZ09é漢ぁ한😀\u{301}\u{fffd}\u{e000}\u{10ffff}".chars() {
        assert!(!is_hidden(seen), "{seen:?}");
    }
    for hidden in
        "\0\t\n \u{7f}\u{85}\u{a0}\u{ad}\u{200b}\u{2028}\u{2800}\u{3164}\u{fe0f}\u{feff}\u{e0041}".chars()
    {
        assert!(is_hidden(hidden), "{hidden:?}");
    }
}
