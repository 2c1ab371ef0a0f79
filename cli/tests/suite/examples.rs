//! Every example of every command does what it says, as it is printed.

use std::{collections::BTreeSet, fs, path::Path};

use boostgpt_sso::Identity;

use super::{
    manual::commands,
    stores::{bot_of, migrated, project},
    subscribers::visit,
    *,
};
use crate::database::Database;

/// The examples in a help text: what each shows, and its lines.
fn examples(help: &str) -> Vec<(String, String)> {
    let section = help.split_once("\nExamples:\n").map_or("", |(_, rest)| rest.split("\n\n").next().unwrap());
    let mut found: Vec<(String, String)> = Vec::new();
    for line in section.lines() {
        match line.strip_prefix("    ") {
            Some(typed) => {
                let lines = &mut found.last_mut().unwrap().1;
                *lines = format!("{lines}{typed}\n");
            }
            None => found.push((line.trim().trim_end_matches(':').to_owned(), String::new())),
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn examples_run_as_they_are_printed() {
    let database = Database::file();
    let store = migrated(&database);
    let project = project(&store);
    let (bot, secret) = bot_of(&project, &store);
    let ada = Identity::new("ada@example.com").unwrap().with_external_id("42").unwrap();
    visit(&database, bot, &secret, vec![ada, Identity::new("eve@example.com").unwrap()], 0);
    let list = ["subscriber", "list", "--project", &project, "--json", "--limit", "1"];
    let subscriber = json(&call(&list).at(&store).answer())["id"].as_str().unwrap().to_owned();
    let folder = database.folder();
    write_key(&folder.join("secret.txt"), secret.expose_secret());
    write_key(&folder.join("old-secret.txt"), call(&["secret", "generate"]).answer());
    write_key(&folder.join("master-key.txt"), master_key());
    let token = call(&["token", "sign", "--email", "ada@example.com"]).answer();
    let new_key = call(&["secret", "generate"]).answer();
    let bin = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_boostgpt-sso"), bin.path().join("boostgpt-sso")).unwrap();
    let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap());

    let mut seen = BTreeSet::new();
    for (command, help) in commands() {
        let found = examples(&help);
        assert!(!found.is_empty(), "{command:?} has no example");
        for (what, lines) in found {
            assert!(lines.contains(&format!("boostgpt-sso {}", command.join(" "))), "{command:?}: {lines}");
            assert!(lines.lines().all(|line| line.len() <= 92), "too wide for a terminal: {lines}");
            if !seen.insert(lines.clone()) {
                continue;
            }
            let copied = tempfile::tempdir().unwrap();
            copy(&folder, copied.path());
            let mut run = program("bash", &["-euo", "pipefail", "-c", &lines]).within(copied.path());
            for (name, value) in [
                ("PATH", &*path),
                ("BOOSTGPT_SSO_STORE", "sqlite:sso.db"),
                ("BOOSTGPT_SSO_MASTER_KEY", &master_key()),
                ("PROJECT", &project),
                ("BOT", &bot.to_string()),
                ("SUBSCRIBER", &subscriber),
                ("TOKEN", &token),
                ("OLD_KEY", &master_key()),
                ("NEW_KEY", &new_key),
            ] {
                run = run.env(name, value);
            }
            let done = run.run();
            assert_eq!(done.status, 0, "{what}: {lines}{done:?}");
            assert!(!done.err.contains("error") && !done.err.contains("warning"), "{what}: {done:?}");
        }
    }
    assert!(seen.len() > 25, "{}", seen.len());
}

/// The manual pages have the same ones.
#[test]
fn manual_pages_have_the_same_examples() {
    for (command, help) in commands() {
        let folder = tempfile::tempdir().unwrap();
        call(&["man", "--into", folder.path().to_str().unwrap()]).answer();
        let name = [vec!["boostgpt-sso".to_owned()], command].concat().join("-");
        let page = fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap();
        let section = page.split("\n.SH EXAMPLES\n").nth(1).unwrap_or_else(|| panic!("{name}"));
        let plain = section.replace("\\-", "-").replace("\\*(Aq", "'");
        for (what, lines) in examples(&help) {
            assert!(plain.contains(&format!("\n{what}:\n")), "{what} is not in {plain}");
            assert!(plain.contains(&format!("\n.nf\n{lines}.fi\n")), "{lines} is not in {plain}");
        }
    }
}
