//! What only people at a terminal get: colours, progress, the plot, questions. The terminal is util-linux's
//! `script`.

use std::process::{Command, Stdio};

use super::{
    stores::{bot_of, migrated, project},
    subscribers::{people, visit, visited},
    *,
};
use crate::database::{Database, block_on};

const ESCAPE: char = '\u{1b}';
/// What ends a line of progress.
const CLEAR: &str = "\r\u{1b}[2K";

/// The command on a terminal of its own, through a shell, so that some of its streams can be sent elsewhere.
fn on_a_terminal(line: &str) -> Call {
    // Nothing in these lines needs quotes.
    let line = format!("{} {line}", env!("CARGO_BIN_EXE_boostgpt-sso"));
    program("timeout", &["60", "script", "--quiet", "--return", "--command", &line, "/dev/null"])
}

#[test]
fn colours_are_for_terminals() {
    let token = call(&["token", "sign", "--email", "ada@example.com"]).answer();
    let verify = format!("token verify {token}");
    let seen = on_a_terminal(&verify).run();
    assert_eq!(seen.status, 0);
    assert!(seen.out.contains("\u{1b}[1m\u{1b}[32maccepted\u{1b}[0m"), "{seen:?}");
    let refused = on_a_terminal("token verify garbage").run();
    assert!(
        refused.status == 1 && refused.out.contains("\u{1b}[1m\u{1b}[31mrefused\u{1b}[0m"),
        "{refused:?}"
    );
    let error = on_a_terminal("token verify garbage").without("BOOSTGPT_SSO_SECRET").run();
    assert!(error.status == 2 && error.out.contains("\u{1b}[31merror\u{1b}[0m: "), "{error:?}");
    let doctor = on_a_terminal("token doctor garbage").run();
    assert!(doctor.status == 1 && doctor.out.starts_with("\u{1b}[1m\u{1b}[31mrefused: "), "{doctor:?}");
    assert!(on_a_terminal("--help").run().out.contains(ESCAPE));

    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        for line in [&*verify, "token verify garbage", "token doctor garbage", "--help"] {
            let plain = on_a_terminal(line).env(name, value).run();
            assert!(!plain.out.contains(ESCAPE), "{name}: {plain:?}");
        }
    }
    assert!(on_a_terminal(&verify).env("NO_COLOR", "").run().out.contains(ESCAPE), "an empty one is none");
    let elsewhere = on_a_terminal(&format!("{verify} | cat")).run();
    assert!(elsewhere.out.contains("accepted") && !elsewhere.out.contains(ESCAPE), "{elsewhere:?}");
}

#[test]
fn nothing_but_text_is_piped() {
    let database = Database::file();
    let (store, project) = visited(&database, people(3));
    for arguments in [
        &["stats", "--project", &project][..],
        &["subscriber", "list", "--project", &project],
        &["store", "reseal"],
        &["--help"],
        &["token", "verify", "garbage"],
        &["token", "doctor", "garbage"],
        &["nonsense"],
    ] {
        let done = call(arguments).at(&store).run();
        let shown = done.out + &done.err;
        assert!(!shown.is_empty() && !shown.contains([ESCAPE, '\r', '█']), "{arguments:?}: {shown}");
    }
}

#[test]
fn stats_are_a_plot_on_a_terminal() {
    let database = Database::file();
    let store = migrated(&database);
    let project = project(&store);
    let (bot, secret) = bot_of(&project, &store);
    visit(&database, bot, &secret, people(1), 1);
    visit(&database, bot, &secret, people(3), 0);
    let seen = on_a_terminal(&format!("stats --days 2 --project {project}")).at(&store).run();
    assert!(seen.out.contains("counting: 0s"), "progress: {seen:?}");
    let lines: Vec<&str> = seen.out.lines().collect();
    let bar = "█".repeat(26);
    assert!(lines[lines.len() - 3].ends_with("monthly\u{1b}[0m  \u{1b}[1mdaily active\u{1b}[0m"), "{seen:?}");
    assert!(lines.last().unwrap().ends_with(&format!("3        3  \u{1b}[36m{bar}\u{1b}[0m 3")), "{seen:?}");
    let third = format!("{}▋", "█".repeat(8));
    assert!(
        lines[lines.len() - 2].ends_with(&format!("1        1  \u{1b}[36m{third}\u{1b}[0m 1")),
        "{seen:?}"
    );
    let plain =
        on_a_terminal(&format!("stats --days 2 --project {project}")).at(&store).env("NO_COLOR", "1").run();
    let last = plain.out.lines().last().unwrap();
    assert!(last.ends_with(&format!("3        3  {bar} 3")) && last.chars().count() <= 80, "{plain:?}");
}

#[test]
fn long_work_shows_progress_and_leaves_nothing_of_it() {
    let database = Database::file();
    let (store, project) = visited(&database, people(501));
    let reseal = on_a_terminal("store reseal").at(&store).run();
    assert!(reseal.out.contains("sealing anew: 0s") && reseal.out.contains(CLEAR), "{reseal:?}");
    let left = reseal.out.rsplit(CLEAR).next().unwrap();
    let note = "once every process has the new key in front, the old one can be taken away";
    assert_eq!(left, format!("{note}\r\n0 sealed anew\r\n"));
    let dumb = on_a_terminal("store reseal").at(&store).env("TERM", "dumb").run();
    assert_eq!(dumb.out, format!("{note}\r\n0 sealed anew\r\n"));
    let list = format!("subscriber list --all --project {project}");
    let away = on_a_terminal(&format!("{list} > /dev/null")).at(&store).run();
    assert!(away.out.contains("listing, 500 so far: 0s") && away.out.ends_with(CLEAR), "{away:?}");
    let seen = on_a_terminal(&list).at(&store).run();
    assert!(!seen.out.contains("listing") && seen.out.contains("reader500@example.com"), "{seen:?}");
}

#[test]
fn what_cannot_be_undone_is_asked() {
    let database = Database::file();
    let (store, project_id) = visited(&database, vec![ada()]);
    let forget = format!("subscriber forget --project {project_id} --email ada@example.com");
    let asked = |line: &str, answer: &str| on_a_terminal(line).at(&store).typed("Go on?", answer).run();
    let count = || database.number("SELECT count(*) FROM sso_subscribers");
    // The last three are Ctrl-D, Ctrl-C and Escape.
    for no in ["no\n", "\n", "\u{4}", "\u{3}", "\u{1b}"] {
        let kept = asked(&forget, no);
        assert!(kept.status == 1 && kept.out.contains("Go on?"), "{kept:?}");
        assert!(kept.out.contains("nothing was changed") && count() == 1, "{kept:?}");
    }
    for elsewhere in ["< /dev/null", "2> /dev/null"] {
        let kept = on_a_terminal(&format!("{forget} {elsewhere}")).at(&store).input("yes\n").run();
        assert!(kept.status == 2 && count() == 1, "no person sees the question, or can answer: {kept:?}");
    }
    let dumb = on_a_terminal(&forget).at(&store).env("TERM", "dumb").input("yes\n").run();
    assert!(dumb.status == 2 && dumb.out.contains("add --yes") && count() == 1, "{dumb:?}");
    let gone = asked(&forget, "yes\n");
    assert!(gone.status == 0 && gone.out.contains("forgotten: ") && count() == 0, "{gone:?}");

    let (bot, secret) = bot_of(&project(&store), &store);
    let opened = block_on(database.connect()).unwrap();
    let current = || block_on(opened.current_secret(bot)).unwrap().into_secret().unwrap().secret;
    let regenerate = format!("bot regenerate-secret {bot}");
    let kept = asked(&regenerate, "n\n");
    assert!(
        kept.status == 1
            && kept.out.contains("every token of the old one is refused.")
            && current() == secret,
        "{kept:?}"
    );
    let new = asked(&regenerate, "yes\n");
    assert!(new.status == 0 && new.out.contains(current().expose_secret()) && current() != secret, "{new:?}");
}

/// The reader may stop: that is no panic, and no success either.
#[test]
fn a_closed_pipe_ends_the_command() {
    let database = Database::file();
    let store = migrated(&database);
    let project = project(&store);
    let arguments: [&[&str]; 4] = [
        &["completions", "bash"],
        &["man"],
        &["token", "sign", "--email", "ada@example.com"],
        &["stats", "--project", &project],
    ];
    for arguments in arguments {
        let mut command = Command::new(env!("CARGO_BIN_EXE_boostgpt-sso"));
        command.args(arguments).env("BOOSTGPT_SSO_SECRET", SECRET).env("BOOSTGPT_SSO_STORE", &store);
        command.env("BOOSTGPT_SSO_MASTER_KEY", master_key());
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(141), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn a_token_is_pasted() {
    let token = call(&["token", "sign", "--email", "ada@example.com"]).answer();
    let pasted = on_a_terminal("token verify").typed("Ctrl-D", &format!("{token}\n\u{4}")).run();
    assert!(pasted.status == 0 && pasted.out.contains("paste the token"), "{pasted:?}");
    assert!(pasted.out.contains("accepted"), "{pasted:?}");
}
