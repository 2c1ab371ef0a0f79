//! `secret` and `token`: what is signed is what the library signs, and keys come from the environment and
//! files alone.

use boostgpt_sso::{SsoSecret, Verifier};

use super::*;

const SIGN: [&str; 4] = ["token", "sign", "--email", "ada@example.com"];

fn signed() -> String {
    call(&SIGN).answer()
}

/// A file with this text, in a folder that goes away with the test.
fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    write_key(&path, text);
    (folder, path.to_str().unwrap().to_owned())
}

#[test]
fn secrets_are_generated() {
    let [one, other] = [(); 2].map(|()| call(&["secret", "generate"]).answer().parse::<SsoSecret>().unwrap());
    assert_ne!(one, other);
}

#[test]
fn a_signed_token_verifies() {
    let token =
        call(&[&SIGN[..], &["--name", "Ada Lovelace", "--external-id", "42", "--lifetime", "90"]].concat())
            .answer();
    let visitor = verifier().verify(&token).unwrap();
    assert_eq!(
        (visitor.email().as_str(), visitor.name(), visitor.external_id()),
        ("ada@example.com", Some("Ada Lovelace"), Some("42"))
    );
    assert_eq!(visitor.expires_at() - visitor.issued_at().unwrap(), seconds(90));
    let whole = verifier().verify(signed()).unwrap();
    assert_eq!(whole.expires_at() - whole.issued_at().unwrap(), seconds(3600));

    let bound = call(&[&SIGN[..], &["--bot", BOT]].concat()).answer();
    assert!(verifier().verify(&bound).is_err());
    assert!(verifier().for_bot(bot()).verify(&bound).is_ok());
    let verify = |arguments: &[&str]| call(&[&["token", "verify", &bound], arguments].concat()).run().status;
    assert_eq!([verify(&[]), verify(&["--bot", BOT]), verify(&["--bot", OTHER_BOT])], [1, 0, 1]);
}

#[test]
fn what_cannot_be_signed_is_said_in_one_line() {
    let sign = |arguments: &[&str]| call(&[&["token", "sign"], arguments].concat());
    sign(&["--email", "ada"]).fails(2, "e-mail");
    sign(&["--email", "ada@example.com", "--lifetime", "3601"]).fails(2, "choose at most one hour");
    sign(&["--email", "ada@example.com", "--lifetime", "0"]).fails(2, "choose at most one hour");
    sign(&["--email", "ada@example.com", "--name", &"a".repeat(257)]).fails(2, "name");
    assert_eq!(sign(&[]).run().status, 2);
    assert_eq!(sign(&["--email", "ada@example.com", "--bot", "my-bot"]).run().status, 2);
}

#[test]
fn a_secret_comes_from_the_environment_or_a_file() {
    let other = SsoSecret::generate().unwrap();
    for end in ["", "\n", "\r\n"] {
        let (_folder, path) = file(&format!("{}{end}", other.expose_secret()));
        let token = call(&[&SIGN[..], &["--secret-file", &path]].concat()).answer();
        assert!(Verifier::new(&other).verify(&token).is_ok(), "the file comes before the environment");
        assert_eq!(call(&["token", "verify", "--secret-file", &path, &token]).run().status, 0);
        assert_eq!(call(&["token", "verify", &token]).run().status, 1);
    }
    call(&SIGN).without("BOOSTGPT_SSO_SECRET").fails(2, "BOOSTGPT_SSO_SECRET is not set");
    call(&SIGN).env("BOOSTGPT_SSO_SECRET", "your-64-char-hex-secret").fails(2, "placeholder");
    let (_folder, path) = file(&format!(" {SECRET}\n\n"));
    let sign = [&SIGN[..], &["--secret-file", &path]].concat();
    call(&sign).fails(
        2,
        "--secret-file cannot be used: the SSO secret has white space or an invisible character around it",
    );
    call(&[&SIGN[..], &["--secret-file", "/nowhere"]].concat())
        .fails(2, "cannot read the file of --secret-file: ");
}

/// Not even where it is the value of an option that does not exist, a misplaced argument, or taken for a
/// file's name.
#[test]
fn a_secret_is_no_argument_and_never_repeated() {
    for arguments in [
        &["--secret", SECRET][..],
        &[&format!("--secret={SECRET}")],
        &[SECRET],
        &["--secret-file", SECRET],
        &["--bot", SECRET],
    ] {
        let done = call(&[&SIGN[..], arguments].concat()).without("BOOSTGPT_SSO_SECRET").run();
        assert_eq!((done.status, &*done.out), (2, ""), "{done:?}");
        assert!(!done.err.contains(&SECRET[..8]) && done.err.lines().count() == 1, "{done:?}");
    }
    for arguments in [
        ["store", "migrate", "--store=memory:", "--master-key", SECRET],
        ["project", "create", "--master-key-file", SECRET, "--store=memory:"],
        ["stats", "--project", BOT, "--json", "postgres://sso:hunter2@db/boostgpt"],
    ] {
        let done = call(&arguments).run();
        assert_eq!(done.status, 2, "{done:?}");
        assert!(!done.err.contains(&SECRET[..8]) && !done.err.contains("hunter2"), "{done:?}");
    }
}

/// Nor is a token: it may still be good.
#[test]
fn a_token_is_never_repeated() {
    let token = signed();
    for arguments in [
        &["token", "verify", &token][..],
        &["token", "verify", "--json", &token],
        &["token", "verify", "--bot", &token],
        &["token", "verify", &token, &token],
        &["token", &token],
        &["token", "sign", "--email", &token],
        &["token", "doctor", "--bot", &token],
        &["token", "doctor", &token],
    ] {
        for secret in [SECRET, &call(&["secret", "generate"]).answer()] {
            let done = call(arguments).env("BOOSTGPT_SSO_SECRET", secret).run();
            let (shown, signature) = (done.out + &done.err, token.rsplit('.').next().unwrap());
            assert!(!shown.is_empty() && !shown.contains(signature), "{arguments:?}: {shown}");
        }
    }
}

#[test]
fn verdicts_are_printed_and_are_the_status() {
    let token = signed();
    let done = call(&["token", "verify", &token]).run();
    assert_eq!((done.status, &*done.err), (0, ""));
    assert!(done.out.starts_with("accepted, for another "), "{done:?}");
    assert!(done.out.ends_with(" s\ne-mail       ada@example.com\n"), "{done:?}");

    let refused = call(&["token", "verify", &token[1..]]).run();
    assert_eq!(refused.status, 1);
    assert!(refused.out.starts_with("refused (malformed): token is not three"), "{refused:?}");
    call(&["token", "verify", &token])
        .without("BOOSTGPT_SSO_SECRET")
        .fails(2, "BOOSTGPT_SSO_SECRET is not set");
}

#[test]
fn verdicts_are_json_for_a_program() {
    let token = call(&[&SIGN[..], &["--external-id", "42", "--lifetime", "60"]].concat()).answer();
    let accepted = call(&["token", "verify", "--json", &token]).json();
    let (issued, expires) =
        (accepted["issued_at"].as_i64().unwrap(), accepted["expires_at"].as_i64().unwrap());
    assert_eq!(expires - issued, 60);
    assert_eq!(
        accepted,
        serde_json::json!({
            "verdict": "accepted", "email": "ada@example.com", "name": null, "external_id": "42",
            "issued_at": issued, "expires_at": expires,
        })
    );
    let done = call(&["token", "verify", "--json", "-"]).input("garbage").run();
    assert_eq!((done.status, &*done.err), (1, ""));
    assert_eq!(json(&done.out)["verdict"], "refused");
    assert_eq!(json(&done.out)["reason"], "malformed");
    assert!(json(&done.out)["message"].as_str().unwrap().starts_with("token is not three"));
}

/// Of what comes through a pipe, the end of its line is no part; all else is seen.
#[test]
fn a_token_comes_from_standard_input() {
    let token = signed();
    for arguments in [&["token", "verify"][..], &["token", "verify", "-"]] {
        for (input, status) in [
            (token.clone(), 0),
            (format!("{token}\n"), 0),
            (format!("{token}\n\n"), 1),
            (format!(" {token}"), 1),
            (format!("{}\n{}", &token[..40], &token[40..]), 1),
            ("a".repeat(1_000_000), 1),
        ] {
            assert_eq!(call(arguments).input(&input).run().status, status, "{} bytes", input.len());
        }
    }
    assert_eq!(call(&["token", "verify"]).input([0xff, 0xfe]).run().status, 1);
    for nothing in ["", "\n"] {
        call(&["token", "verify"]).input(nothing).fails(2, "there is no token");
    }
}

/// However much comes, it is not all read: this input has no end.
#[test]
fn input_is_read_up_to_a_limit() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_boostgpt-sso"));
    command.args(["token", "verify", "--json"]).env("BOOSTGPT_SSO_SECRET", SECRET);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let (ended, end) = std::sync::mpsc::channel();
    thread::spawn(move || ended.send(child.wait_with_output().unwrap()));
    // One byte more than may be a token shows that it is none.
    stdin.write_all(&[b'a'; 64 * 1024 + 1]).unwrap();
    let output = end.recv_timeout(std::time::Duration::from_secs(20)).expect("it reads on");
    assert_eq!(json(str::from_utf8(&output.stdout).unwrap())["reason"], "too_long");
    drop(stdin);
}

/// What a token says is anyone's text: it moves no cursor and turns no line around.
#[test]
fn claims_are_escaped() {
    let name = "\u{1b}[31mred\u{202e}\u{9b}2J\u{e0041}\u{200b}\u{2066}\u{2060}\u{206f}\u{feff}\u{ad}";
    let token = call(&[&SIGN[..], &["--name", name]].concat()).answer();
    let shown = call(&["token", "verify", &token]).answer();
    let escaped = r"\u{1b}[31mred\u{202e}\u{9b}2J\u{e0041}\u{200b}\u{2066}\u{2060}\u{206f}\u{feff}\u{ad}";
    assert!(shown.ends_with(&format!("name         {escaped}")), "{shown}");
    let text = call(&["token", "verify", "--json", &token]).answer();
    assert!(text.is_ascii(), "{text}");
    assert_eq!(json(&text)["name"], name);
}
