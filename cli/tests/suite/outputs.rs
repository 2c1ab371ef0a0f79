//! A secret that is shown once is not lost: the output is tried before the old secret stops working.

use std::{fs, io::Write, process::Stdio};

use boostgpt_sso::{BotId, SsoSecret};

use super::{
    stores::{bot_of, migrated, project},
    *,
};
use crate::database::{Database, block_on};

fn current(database: &Database, bot: BotId) -> SsoSecret {
    let opened = block_on(database.connect()).unwrap();
    block_on(opened.current_secret(bot)).unwrap().into_secret().unwrap().secret
}

/// The command in a shell, with its output sent elsewhere.
fn in_a_shell(line: &str, store: &str) -> Call {
    program("bash", &["-c", line, env!("CARGO_BIN_EXE_boostgpt-sso")]).at(store)
}

#[test]
fn an_output_that_cannot_be_written_changes_nothing() {
    let database = Database::file();
    let store = migrated(&database);
    let project = project(&store);
    let (bot, secret) = bot_of(&project, &store);
    let full = database.folder().join("full");
    let regenerate = format!(r#""$0" bot regenerate-secret {bot} --yes"#);
    let create = format!(r#""$0" bot create --project {project}"#);
    for (elsewhere, says) in [
        ("> /dev/full", "No space left"),
        (">&-", "null device"),
        ("> /dev/null", "null device"),
        ("1< /dev/zero", "Bad file descriptor"),
        ("--json > /dev/full", "No space left"),
    ] {
        let done = in_a_shell(&format!("{regenerate} {elsewhere}"), &store).run();
        assert_eq!((done.status, &*done.out), (2, ""), "{elsewhere}: {done:?}");
        let says_first = |text: &str| match elsewhere.starts_with("--json") {
            true => format!(r#"{{"error":{{"code":"output_unusable","message":"{text}: "#),
            false => format!("error: {text}: "),
        };
        let unchanged = says_first("the bot keeps its secret");
        assert!(done.err.starts_with(&unchanged), "{elsewhere}: {done:?}");
        assert!(done.err.contains(says) && done.err.lines().count() == 1, "{elsewhere}: {done:?}");
        let done = in_a_shell(&format!("{create} {elsewhere}"), &store).run();
        let nothing = says_first("nothing was created");
        assert!(done.status == 2 && done.err.starts_with(&nothing), "{done:?}");
    }
    // A pipe whose reader is gone; a file that may not grow, as on a full disk.
    let gone = in_a_shell(&format!("{{ sleep 1; {regenerate}; echo $? >&2; }} | true"), &store).run();
    assert!(
        gone.err.starts_with("error: the bot keeps its secret: ") && gone.err.ends_with("\n2\n"),
        "{gone:?}"
    );
    let limit = 16 * 1024 * 1024;
    fs::File::create(&full).unwrap().set_len(limit).unwrap();
    let limited = format!("trap '' XFSZ; ulimit -f {}; {regenerate} >> {}", limit / 1024, full.display());
    let limited = in_a_shell(&limited, &store).run();
    assert!(limited.status == 2 && limited.err.contains("file too large"), "{limited:?}");
    assert_eq!(fs::metadata(&full).unwrap().len(), limit);

    assert_eq!(current(&database, bot), secret);
    assert_eq!(database.number("SELECT count(*) FROM sso_bots"), 1);
}

#[test]
fn an_output_that_can_be_written_gets_the_secret_alone() {
    let database = Database::file();
    let store = migrated(&database);
    let (bot, _) = bot_of(&project(&store), &store);
    let file = database.folder().join("secret");
    for (elsewhere, before) in [(">", ""), (">>", "before\n")] {
        fs::write(&file, before).unwrap();
        let line = format!(r#""$0" bot regenerate-secret {bot} --yes {elsewhere} {}"#, file.display());
        assert_eq!(in_a_shell(&line, &store).run().status, 0);
        let written = fs::read_to_string(&file).unwrap();
        assert_eq!(written, format!("{before}{}\n", current(&database, bot).expose_secret()));
    }
    let json = call(&["bot", "regenerate-secret", &bot.to_string(), "--yes", "--json"]).at(&store).json();
    let secret = current(&database, bot);
    assert_eq!(
        json,
        serde_json::json!({
            "bot": bot.to_string(), "secret": secret.expose_secret(), "fingerprint": secret.fingerprint(),
        })
    );
}

/// If the write fails in spite of all, it is said which secret is in force.
#[test]
fn a_write_that_fails_says_what_happened() {
    let database = Database::file();
    let store = migrated(&database);
    let (bot, before) = bot_of(&project(&store), &store);
    // A full pipe that does not wait for its reader.
    let (reader, mut writer) = std::io::pipe().unwrap();
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    while writer.write(&[b' '; 4096]).is_ok() {}
    while writer.write(b" ").is_ok() {}
    let mut command = Command::new(env!("CARGO_BIN_EXE_boostgpt-sso"));
    command.args(["bot", "regenerate-secret", &bot.to_string(), "--yes"]).env("BOOSTGPT_SSO_STORE", &store);
    command.env("BOOSTGPT_SSO_MASTER_KEY", master_key());
    let output = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    drop(reader);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let expected = format!(
        "error: bot {bot} has a new secret, which could not be written to standard output and is lost"
    );
    assert!(said.starts_with(&expected) && said.contains("the one before it no longer works"), "{said}");
    assert_ne!(current(&database, bot), before);
    assert!(!said.contains(current(&database, bot).expose_secret()), "{said}");
}
