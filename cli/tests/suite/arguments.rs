//! Arguments that are not understood: what is repeated of them, and how.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt, process::Stdio};

use boostgpt_sso::is_hidden;

use super::*;

/// Where a text can be put that is not understood there.
fn misplaced(text: &str) -> Vec<Vec<String>> {
    [
        &["#"][..],
        &["#", "sign"],
        &["token", "#"],
        &["--#"],
        &["token", "sign", "--#"],
        &["token", "sign", "--#=1"],
        &["token", "sign", "--email", "a@b.example", "#"],
        &["token", "sign", "--lifetime", "#"],
        &["token", "verify", "--bot=#"],
        &["token", "verify", "x", "#"],
        &["store", "migrations", "#"],
        &["completions", "#"],
        &["stats", "--days=#"],
        &["help", "#"],
    ]
    .iter()
    .map(|line| line.iter().map(|word| word.replace("#", text)).collect())
    .collect()
}

fn run(line: &[String]) -> Done {
    call(&line.iter().map(String::as_str).collect::<Vec<_>>()).run()
}

#[test]
fn what_may_be_part_of_a_secret_is_not_repeated() {
    let base64 = base64url(SECRET);
    let wide: String = SECRET.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    let kinds = [
        &SECRET[..63],
        &SECRET[1..],
        &SECRET[..24],
        &SECRET[40..],
        &SECRET.to_uppercase(),
        &format!("x{SECRET}y"),
        &format!("BOOSTGPT_SSO_SECRET={SECRET}"),
        &base64,
        &base64url(hex::decode(SECRET).unwrap()),
        &wide,
        "postgres://sso:hunter2@db/boostgpt",
        "sqlite:postgres://sso:hunter2@db/boostgpt",
        "sso:hunter2@db",
        &signer().sign(&ada()).to_string(),
    ];
    for text in kinds {
        for line in misplaced(text) {
            let done = run(&line);
            assert_eq!((done.status, &*done.out), (2, ""), "{line:?}");
            let start: String = text.chars().take(8).collect();
            let is_silent = !done.err.contains("hunter2") && !done.err.contains(&start);
            assert!(is_silent && done.err.contains("are not repeated"), "{line:?}: {done:?}");
        }
    }
    // Anything else is repeated, so that it can be found: a mistyped id, too.
    for text in ["nonsense", &format!("{BOT}0"), &SECRET[..23], "--no-such-option"] {
        for line in misplaced(text) {
            let done = run(&line);
            assert!(
                done.status == 2 && done.err.contains(text.trim_start_matches('-')),
                "{line:?}: {done:?}"
            );
        }
    }
}

#[test]
fn what_is_repeated_moves_no_cursor_and_turns_no_line() {
    let hostile = [
        "\u{1b}]0;owned\u{7}",
        "\u{1b}[2J",
        "\u{9b}2J",
        "\u{202e}",
        "\u{200b}",
        "\nerror: fine",
        "\r",
        "\u{7f}",
    ];
    for text in hostile.map(|text| format!("a{text}b")) {
        for (line, plain) in misplaced(&text).iter().zip(misplaced("ab")) {
            let done = run(line);
            assert_eq!((done.status, &*done.out), (2, ""), "{line:?}");
            let shown = done.err.replace('\n', " ");
            assert!(!shown.contains(|c| c != ' ' && is_hidden(c)), "{line:?}: {done:?}");
            let escape = text.chars().find(|c| is_hidden(*c)).unwrap().escape_unicode().to_string();
            assert!(done.err.contains(&escape), "{line:?}: {done:?}");
            assert_eq!(done.err.lines().count(), run(&plain).err.lines().count(), "{line:?}: {done:?}");
        }
    }
}

#[test]
fn arguments_that_are_not_text_are_refused() {
    for line in
        [&[&b"\xff"[..]][..], &[b"token", b"sign", b"--email", b"a\xff"], &[b"token", b"verify", b"\x1b\xff"]]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_boostgpt-sso"));
        command.args(line.iter().map(|word| OsStr::from_bytes(word)));
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stderr.starts_with(b"error: ") && !output.stderr.contains(&0x1b), "{output:?}");
    }
}

/// A name under which the command is called may be anything, too.
#[test]
fn the_name_of_the_command_is_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("own\u{1b}[2Jed");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_boostgpt-sso"), &link).unwrap();
    for arguments in [&["nonsense"][..], &["--help"], &["token", "sign"]] {
        let done = program(link.to_str().unwrap(), arguments).run();
        let shown = done.out + &done.err;
        assert!(shown.contains("Usage: boostgpt-sso") && !shown.contains('\u{1b}'), "{shown}");
    }
}
