//! Errors with `--json`: one object on standard error, with the code, the text and the exit status.

use serde_json::Value;

use super::{
    manual::commands,
    requests::{TwoProjects, two_projects},
    *,
};
use crate::database::Database;

/// Fails, and says why in one line of JSON on standard error.
#[track_caller]
fn error(call: Call) -> Value {
    let done = call.run();
    assert_eq!(done.out, "", "{done:?}");
    let line = done.err.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "{done:?}");
    let mut value = json(line);
    assert_eq!(value.as_object().unwrap().len(), 1, "{line}");
    let error = value["error"].take();
    assert_eq!(error["status"], done.status, "{line}");
    assert_eq!(error.as_object().unwrap().keys().collect::<Vec<_>>(), ["code", "message", "status"]);
    assert!(error["message"].as_str().unwrap().len() > 15, "{line}");
    error
}

#[test]
fn every_error_is_json_if_answers_are() {
    let database = Database::file();
    let TwoProjects { store, projects: [project, _], bots: [(bot, _), _] } = two_projects(&database);
    let bot = bot.to_string();
    let lost = "01890000-0000-7000-8000-000000000000";
    let cases: &[(&[&str], i32, &str)] = &[
        (&["token", "verify", "x", "--secret-file", "/nowhere"], 2, "key_file"),
        (&["token", "sign", "--email", "ada"], 2, "email_shape"),
        (&["token", "sign", "--email", "a@b", "--lifetime", "3601"], 2, "lifetime_out_of_range"),
        (&["token", "sign", "--email", "a@b", "--lifetime", "-1"], 2, "usage"),
        (&["token", "sign"], 2, "usage"),
        (&["token", "doctor", "x", "--other-bot", "x"], 2, "usage"),
        (&["token", "verify", "a", SECRET], 2, "secret_among_arguments"),
        (&["store", "migrations", "postgres", "--schema", "A B"], 2, "configuration"),
        (&["project", "show", lost], 1, "unknown_project"),
        (&["project", "list", "--store", "nothing"], 2, "unknown_address"),
        (&["bot", "show", lost], 1, "unknown_bot"),
        (&["bot", "list", "--project", lost], 1, "unknown_project"),
        (&["bot", "create", "--project", &project, "--id", &bot], 2, "has_secret"),
        (&["bot", "regenerate-secret", &bot], 2, "not_confirmed"),
        (&["subscriber", "list", "--bot", lost], 1, "unknown_bot"),
        (&["subscriber", "show", "--bot", &bot, "--external-id", "no"], 1, "unknown_subscriber"),
        (&["subscriber", "find", "--email", "no@example.com"], 1, "unknown_subscriber"),
        (&["subscriber", "forget", "--bot", &bot, "--email", "no@example.com"], 1, "unknown_subscriber"),
        (&["stats", "--project", lost], 1, "unknown_project"),
        (&["man", "--into", "/nowhere"], 2, "pages"),
        (&["completions", "cmd"], 2, "usage"),
        (&["nonsense"], 2, "usage"),
        (&[], 2, "usage"),
        (&["bot"], 2, "usage"),
    ];
    for (arguments, status, code) in cases {
        for place in [0, arguments.len()] {
            let mut arguments = arguments.to_vec();
            arguments.insert(place, "--json");
            let found = error(call(&arguments).at(&store));
            assert_eq!((&found["code"], &found["status"]), (&Value::from(*code), &Value::from(*status)));
        }
    }
    let without = |name: &str, arguments: &[&str]| {
        error(call(&[arguments, &["--json"]].concat()).at(&store).without(name))["code"].take()
    };
    assert_eq!(without("BOOSTGPT_SSO_SECRET", &["token", "verify", "x"]), "not_set");
    assert_eq!(without("BOOSTGPT_SSO_MASTER_KEY", &["store", "reseal"]), "no_master_key");
    assert_eq!(without("BOOSTGPT_SSO_STORE", &["project", "list"]), "usage");
    let quoted = call(&["token", "verify", "x", "--json"]).env("BOOSTGPT_SSO_SECRET", "\"x\"");
    assert_eq!(error(quoted)["code"], "quoted");
    let silent = error(call(&["token", "verify", "--json"]).input("\n"));
    assert_eq!(silent["code"], "no_token");
    // The answer goes to standard output, and the error to the other stream.
    let unknown = call(&["token", "doctor", "--json", "eyJ.eyJ.x"]).without("BOOSTGPT_SSO_SECRET").run();
    assert!(json(&unknown.out)["verdict"].is_string(), "{unknown:?}");
}

/// On every command: it is told of an option that it does not have.
#[test]
fn every_command_fails_in_json() {
    for (path, help) in commands() {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.extend(["--json", "--no-such-option"]);
        let found = error(call(&arguments));
        assert_eq!(found["code"], "usage", "{arguments:?}");
        let message = found["message"].as_str().unwrap();
        assert!(message.contains("--no-such-option") && !message.contains("Usage"), "{message}");
        assert!(help.contains("{\"error\":{\"code\":\"unknown_bot\""), "{path:?} does not say it: {help}");
    }
}

#[test]
fn no_character_of_an_error_acts_on_a_terminal() {
    let hostile = "a\u{1b}[2J\u{202e}b";
    for arguments in [&["token", "sign", "--json", "--email", "a@b", hostile][..], &[hostile, "--json"]] {
        let done = call(arguments).run();
        assert!(!done.err.trim_end().contains(|c| c != ' ' && boostgpt_sso::is_hidden(c)), "{done:?}");
    }
}
