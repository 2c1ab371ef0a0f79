//! What comes in: values that begin with a hyphen, `-` for standard input, encodings, pipes, exposed files.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, thread};

use boostgpt_sso::ProjectId;

use super::{stores::migrated, *};
use crate::database::Database;

const SIGN: [&str; 4] = ["token", "sign", "--email", "ada@example.com"];

fn sign(more: &[&str]) -> Call {
    call(&[&SIGN[..], more].concat())
}

#[test]
fn values_may_begin_with_a_hyphen() {
    for arguments in [
        ["--email", "-ada@example.com", "--name", "-Ada-", "--external-id", "-42"],
        ["--email", "--a-@example.com", "--name", "--Ada", "--external-id", "-"],
        ["--email=-ada@example.com", "--name=-Ada-", "--external-id=-42", "--lifetime", "60", "--json"],
    ] {
        let token = call(&[&["token", "sign"][..], &arguments].concat()).answer();
        let token = token.strip_prefix(r#"{"token":""#).map_or(&*token, |rest| &rest[..rest.len() - 2]);
        let visitor = verifier().verify(token).unwrap();
        assert!(visitor.email().as_str().starts_with('-'));
        assert!(visitor.name().unwrap().starts_with('-') && visitor.external_id().unwrap().starts_with('-'));
    }
    let done = sign(&["--lifetime", "-1"]).run();
    assert!(done.status == 2 && done.err.contains("'-1'") && done.err.contains("--lifetime"), "{done:?}");

    // A token that was copied badly; an option that was misspelt.
    let token = sign(&[]).answer();
    for broken in [format!("-{token}"), format!("--{token}"), "-----BEGIN PUBLIC KEY-----".into(), "-".into()]
    {
        let done = call(&["token", "verify", "--", &broken]).input("x").run();
        assert_eq!((done.status, &*done.err), (1, ""), "{done:?}");
        assert_eq!(call(&["token", "doctor", &broken]).input("x").run().status, 1);
    }
    for misspelt in [
        &["token", "verify", "--jsn"][..],
        &["token", "doctor", "--jsn", "x"],
        &["token", "doctor", "x", "--jsn=1"],
    ] {
        let done = call(misspelt).run();
        assert!(done.status == 2 && done.err.contains("'--jsn"), "{done:?}");
    }

    let database = Database::file();
    let store = migrated(&database);
    let project = ProjectId::generate().unwrap().to_string();
    for by in ["--external-id", "--email"] {
        let show = ["subscriber", "show", "--project", &project, by, "-ada@example.com"];
        assert_eq!(call(&show).at(&store).run().status, 1);
    }
}

#[test]
fn a_hyphen_is_standard_input() {
    let token =
        sign(&["--secret-file", "-"]).without("BOOSTGPT_SSO_SECRET").input(format!("{SECRET}\n")).answer();
    assert!(verifier().verify(&token).is_ok());
    let secret = |arguments: &[&str]| call(arguments).without("BOOSTGPT_SSO_SECRET").input(SECRET);
    assert_eq!(secret(&["token", "verify", &token, "--secret-file", "-"]).run().status, 0);
    assert_eq!(secret(&["token", "doctor", &token, "--secret-file", "-"]).answer(), "accepted");
    let previous = call(&["token", "doctor", &token, "--previous-secret-file", "-"])
        .env("BOOSTGPT_SSO_SECRET", &call(&["secret", "generate"]).answer());
    assert!(previous.input(SECRET).run().out.contains("(previous_secret)"));
    let other = format!("{OTHER_BOT}=-");
    let other = call(&["token", "doctor", &token, "--other-bot", &other])
        .env("BOOSTGPT_SSO_SECRET", &call(&["secret", "generate"]).answer());
    assert!(other.input(SECRET).run().out.contains("(other_bots_secret)"));
    for twice in
        [&["token", "verify", "--secret-file", "-"][..], &["token", "verify", "-", "--secret-file", "-"]]
    {
        secret(twice).fails(2, "standard input is asked for twice");
    }

    let database = Database::file();
    let migrate = ["store", "migrate", "--store", &database.address(), "--master-key-file", "-"];
    assert_eq!(call(&migrate).input(master_key() + "\r\n").run().status, 0);
    assert_eq!(call(&["project", "create"]).at(&database.address()).run().status, 0);
}

/// A text, and what is said of it.
fn encodings(text: &str) -> [(Vec<u8>, &'static str); 5] {
    let utf_16 = |bytes: fn(u16) -> [u8; 2], mark: &str| {
        format!("{mark}{text}\r\n").encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
    };
    [
        (format!("\u{feff}{text}\r\n").into_bytes(), "begins with a byte order mark (EF BB BF)"),
        (utf_16(u16::to_le_bytes, "\u{feff}"), "is UTF-16, with the byte order mark FF FE"),
        (utf_16(u16::to_be_bytes, "\u{feff}"), "is UTF-16, with the byte order mark FE FF"),
        (utf_16(u16::to_le_bytes, ""), "is UTF-16"),
        (utf_16(u16::to_be_bytes, ""), "is UTF-16"),
    ]
}

#[test]
fn byte_order_marks_and_utf_16_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let file = path.to_str().unwrap();
    for (bytes, says) in encodings(SECRET) {
        write_key(&path, &bytes);
        sign(&["--secret-file", file])
            .fails(2, &format!("the file of --secret-file {says}: save it as UTF-8"));
        sign(&["--secret-file", "-"]).input(&bytes).fails(2, says);
        for option in [format!("--previous-secret-file={file}"), format!("--other-bot={BOT}={file}")] {
            call(&["token", "doctor", "x", &option]).fails(2, says);
        }
        let store = ["store", "migrate", "--store", "sqlite::memory:", "--master-key-file", file];
        call(&store).fails(2, &format!("the file of --master-key-file {says}: save it as UTF-8"));
    }
    write_key(&path, [b"\xff\x00", SECRET.as_bytes()].concat());
    sign(&["--secret-file", file]).fails(2, "the file of --secret-file is not UTF-8 text");

    let marked = |text: &str| format!("\u{feff}{text}");
    sign(&[])
        .env("BOOSTGPT_SSO_SECRET", &marked(SECRET))
        .fails(2, "BOOSTGPT_SSO_SECRET begins with a byte order mark (EF BB BF): set it again");
    call(&["store", "migrate", "--store", "sqlite::memory:"])
        .env("BOOSTGPT_SSO_MASTER_KEY", &marked(&master_key()))
        .fails(2, "BOOSTGPT_SSO_MASTER_KEY begins with a byte order mark (EF BB BF): set it again");

    // A token in them is refused as it is, as a service would, and the reason is named.
    for (bytes, says) in encodings(&sign(&[]).answer()) {
        let done = call(&["token", "verify"]).input(&bytes).run();
        assert_eq!(
            (done.status, &*done.err),
            (1, &*format!("the input {says}: a token is plain ASCII text\n"))
        );
        assert!(done.out.starts_with("refused (malformed): "), "{done:?}");
        let report = call(&["token", "doctor", "--json"]).input(&bytes).run();
        assert_eq!(report.status, 1);
        // Where it is UTF-16 that is all, the line end included.
        let findings = json(&report.out)["findings"].as_array().unwrap().len();
        assert!(findings == 1, "{says}: {}", report.out);
    }
    // What is longer than is read is not said to be as long as that.
    let long = call(&["token", "doctor"]).input("x".repeat(70_000)).run();
    assert!(long.out.contains("more than 65536 bytes"), "{long:?}");
}

#[test]
fn a_key_file_that_others_may_read_or_change_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    write_key(&path, SECRET);
    let file = path.to_str().unwrap();
    for (mode, says) in [
        (0o600, ""),
        (0o400, ""),
        (0o640, ""),
        (0o644, "other users may read the file of --secret-file: restrict it with chmod 600"),
        (0o604, "other users may read"),
        (0o620, "other users may change"),
        (0o666, "other users may change the file of --secret-file: restrict it with chmod 600"),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let done = sign(&["--secret-file", file]).run();
        assert_eq!(done.status, 0, "{done:?}");
        assert!(done.err.contains(says) && done.err.is_empty() == says.is_empty(), "{mode:o}: {done:?}");
        assert!(!done.err.contains(file), "the path may be a key: {done:?}");
    }
}

fn pipe(folder: &Path) -> String {
    let path = folder.join("pipe");
    assert!(program("mkfifo", &[path.to_str().unwrap()]).run().status == 0);
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_pipe_without_a_writer_is_not_waited_for_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = pipe(folder.path());
    sign(&["--secret-file", &pipe]).fails(2, "the file of --secret-file is a pipe that no program writes to");
    let examine = ["token", "doctor", "x", "--previous-secret-file", &pipe];
    call(&examine).fails(2, "the file of --previous-secret-file is a pipe that no program writes to");

    let written = pipe.clone();
    let writer = thread::spawn(move || fs::write(written, SECRET).unwrap());
    assert!(verifier().verify(sign(&["--secret-file", &pipe]).answer()).is_ok());
    writer.join().unwrap();
    let line = format!(r#""$0" token sign --email ada@example.com --secret-file <(printf {SECRET})"#);
    let token = program("bash", &["-c", &line, env!("CARGO_BIN_EXE_boostgpt-sso")]).answer();
    assert!(verifier().verify(token).is_ok());
}
