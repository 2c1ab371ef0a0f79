//! Help, completions and manual pages: made from one definition, and read by the programs they are for.

use std::{collections::BTreeSet, fs};

use super::*;

/// Every command and its help.
pub fn commands() -> Vec<(Vec<String>, String)> {
    let (mut open, mut found) = (vec![Vec::new()], Vec::new());
    while let Some(path) = open.pop() {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = call(&arguments).answer();
        let below = help.split_once("\nCommands:\n").map(|(_, rest)| rest.split("\n\n").next().unwrap());
        // A line that goes on is indented further.
        let lines = below.into_iter().flat_map(str::lines).filter(|line| !line.starts_with("   "));
        for line in lines {
            let name = line.split_whitespace().next().unwrap().to_owned();
            // Which repeats the others.
            if name != "help" {
                open.push([path.clone(), vec![name]].concat());
            }
        }
        found.push((path, help));
    }
    found
}

fn names() -> BTreeSet<String> {
    commands().into_iter().map(|(path, _)| path.join(" ")).collect()
}

#[test]
fn these_are_the_commands() {
    let expected = [
        "",
        "secret",
        "secret generate",
        "token",
        "token sign",
        "token verify",
        "token doctor",
        "store",
        "store migrate",
        "store migrations",
        "store reseal",
        "project",
        "project create",
        "project list",
        "project show",
        "bot",
        "bot create",
        "bot list",
        "bot show",
        "bot regenerate-secret",
        "bot remove-secret",
        "subscriber",
        "subscriber list",
        "subscriber find",
        "subscriber show",
        "subscriber forget",
        "stats",
        "completions",
        "man",
    ];
    assert_eq!(names(), expected.map(str::to_owned).into());
    for (path, help) in commands() {
        assert!(help.contains("Usage: boostgpt-sso"), "{path:?}");
        // Keys have no option; what comes close are files.
        let options = help.lines().filter(|line| line.trim_start().starts_with("--"));
        for line in options.filter(|line| line.contains("--secret") || line.contains("--master-key")) {
            assert!(line.contains("-file <FILE>"), "{path:?}: {line}");
        }
    }
}

#[test]
fn nothing_at_all_and_nonsense_are_wrong_usage() {
    for arguments in
        [&[][..], &["token"], &["nonsense"], &["token", "nonsense"], &["secret", "generate", "--nonsense"]]
    {
        let done = call(arguments).run();
        assert_eq!((done.status, &*done.out), (2, ""), "{done:?}");
        assert!(done.err.contains("Usage: boostgpt-sso"), "{done:?}");
    }
    assert_eq!(call(&["--version"]).answer(), format!("boostgpt-sso {}", env!("CARGO_PKG_VERSION")));
    assert!(call(&["--help"]).answer().contains("\nExit status:\n  0 "));
}

/// bash is there on every machine that runs `scripts/test`; the others read theirs where they are.
#[test]
fn shells_read_their_completions() {
    for (shell, check) in
        [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute"), ("elvish", ""), ("powershell", "")]
    {
        let script = call(&["completions", shell]).answer();
        for word in names().iter().flat_map(|name| name.split(' ')).chain(["secret-file", "yes", "store"]) {
            assert!(script.contains(word), "{word} is not completed in {shell}");
        }
        if check.is_empty() || (shell != "bash" && !is_installed(shell)) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("completions");
        fs::write(&path, &script).unwrap();
        let done = program(shell, &[check, path.to_str().unwrap()]).run();
        assert_eq!((done.status, &*done.err), (0, ""), "{shell}");
    }
    assert_eq!(call(&["completions", "cmd"]).run().status, 2);
}

/// What bash offers for the last of these words.
#[track_caller]
fn completed(words: &str, offers: &[&str]) {
    let line = format!(
        r#"source <("$0" completions bash)
        COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _boostgpt__sso "${{COMP_WORDS[0]}}" "${{COMP_WORDS[-1]}}" "${{COMP_WORDS[-2]}}"
        echo "${{COMPREPLY[@]}}""#
    );
    let done = program("bash", &["-c", &line, env!("CARGO_BIN_EXE_boostgpt-sso")]).run();
    assert_eq!(done.out.trim_end().split(' ').collect::<Vec<_>>(), offers, "{done:?}");
}

#[test]
fn bash_completes_every_command() {
    completed("boostgpt-sso st", &["store", "stats"]);
    completed("boostgpt-sso token v", &["verify"]);
    completed("boostgpt-sso token sign --em", &["--email"]);
    completed("boostgpt-sso bot regenerate-secret --y", &["--yes"]);
    completed("boostgpt-sso store migrations post", &["postgres"]);
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).any(|folder| folder.join(program).exists())
}

/// A page is roff: known requests, a title, the sections of a manual page, no line that begins with a stray
/// control character; and groff, where it is, has nothing to complain of.
fn assert_page(page: &str) {
    const REQUESTS: [&str; 12] =
        [".IP", ".ie", ".el", ".TH", ".SH", ".TP", ".PP", ".RS", ".RE", ".br", ".nf", ".fi"];
    for line in page.lines().filter(|line| line.starts_with(['.', '\''])) {
        assert!(REQUESTS.contains(&line.split(' ').next().unwrap()), "{line}");
    }
    assert_eq!(page.matches("\n.TH boostgpt-sso").count(), 1, "{page}");
    for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "\"EXIT STATUS\""] {
        assert!(page.contains(&format!("\n.SH {section}\n")), "{section} is not in {page}");
    }
    assert_eq!(page.matches("\n.RS").count(), page.matches("\n.RE").count());
    if is_installed("groff") {
        let done = program("groff", &["-man", "-Tutf8", "-ww", "-z"]).input(page).run();
        assert_eq!((done.status, &*done.err), (0, ""), "{page}");
    }
}

#[test]
fn every_command_has_its_manual_page() {
    let page = call(&["man"]).answer();
    assert_page(&page);

    let folder = tempfile::tempdir().unwrap();
    assert_eq!(call(&["man", "--into", folder.path().to_str().unwrap()]).answer(), "");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let written: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let file = |name: &str| format!("{}.1", format!("boostgpt-sso {name}").trim_end().replace(' ', "-"));
    assert_eq!(written, names().iter().map(|name| file(name)).collect());
    for name in &written {
        assert_page(&read(name));
    }
    assert_eq!(read("boostgpt-sso.1").trim_end(), page.trim_end());
    // No page names one that does not exist.
    for name in written
        .iter()
        .map(|name| read(name))
        .collect::<String>()
        .split("(1)")
        .filter_map(|text| text.rsplit([' ', '\n']).next().filter(|name| name.starts_with("boostgpt")))
    {
        assert!(written.contains(&format!("{}.1", name.replace('\\', ""))), "{name}");
    }
    call(&["man", "--into", "/nowhere"]).fails(2, "cannot write the manual pages");
}
