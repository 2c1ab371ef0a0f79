//! The libraries that customers sign with, in Node, Python, Ruby and Go, and PHP's own functions: what they
//! sign we accept, what we sign they accept. They are real, in processes of their own (`tests/foreign`);
//! `scripts/test` installs them.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use boostgpt_sso::{Claim, Identity, VerifyError, WidgetToken};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};

use crate::{properties, support::*};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/foreign")
}

const MISSING: &str =
    "Node, Python, PHP, Ruby, Go or their libraries are not installed: run scripts/test, which installs them";

/// Where Debian's packages for Go are.
const GO_PATH: &str = "/usr/share/gocode";

/// Sends a request to one of the programs in `tests/foreign` and gives back its answer.
#[track_caller]
pub fn ask(program: &str, request: &Value) -> Value {
    let (mut command, installed) = match program {
        "node.js" => (Command::new("node"), folder().join("node_modules/jose")),
        "php.php" => (Command::new("php"), folder().join(program)),
        "ruby.rb" => (Command::new("ruby"), folder().join(program)),
        "go.go" => (go(), PathBuf::from(GO_PATH).join("src/github.com/golang-jwt/jwt")),
        _ => (Command::new(folder().join("venv/bin/python")), folder().join("venv/bin/python")),
    };
    assert!(installed.exists(), "{MISSING} ({} is not there)", installed.display());
    let mut child = command
        .arg(folder().join(program))
        .env("BOOSTGPT_SSO_SECRET", SECRET)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{MISSING} ({error})"));
    let mut stdin = child.stdin.take().unwrap();
    let text = request.to_string();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{program} failed. {MISSING}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Compiles a program and runs it.
fn go() -> Command {
    let mut command = Command::new("go");
    let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("go");
    command.arg("run").env("GO111MODULE", "off").env("GOPATH", GO_PATH).env("GOCACHE", cache);
    command
}

fn tokens(answer: &Value, library: &str) -> Vec<String> {
    answer[library].as_array().unwrap().iter().map(|token| token.as_str().unwrap().to_owned()).collect()
}

/// Hundreds of identities, the same in every run: generated ones and some that people really have.
fn identities() -> Vec<Identity> {
    let mut runner = TestRunner::deterministic();
    let generated = (0..300).map(|_| properties::identity().new_tree(&mut runner).unwrap().current());
    let named = [
        ("ada@example.com", "Ada Lovelace", "42"),
        ("ada@example.com", "", ""),
        ("ada+notes@example.com", "O'Brien \"Ada\" \\ </script><b>", "user|42"),
        ("用户@例子.广告", "漢字かな", "9007199254740993"),
        ("владимир@пример.рф", "Владимир", "-1"),
        ("a@b", "عربى עברית हिन्दी ไทย", "{\"id\":1}"),
        ("emoji@example.com", "👩‍🚀 e\u{301} \u{202e}evil\u{202c} \u{2028}\u{2029}", "😀"),
        ("x@example.com", "\u{1}\u{8}\t\n\u{c}\r\u{1f}\u{7f}", " "),
    ];
    let named = named.map(|(email, name, id)| {
        Identity::new(email).unwrap().with_name(name).unwrap().with_external_id(id).unwrap()
    });
    generated.chain(named).collect()
}

/// A user as a customer's program has them: what is absent is not there.
fn user(identity: &Identity) -> Value {
    let mut user = json!({"email": identity.email().as_str()});
    if let Some(name) = identity.name() {
        user["name"] = name.into();
    }
    if let Some(id) = identity.external_id() {
        user["id"] = id.into();
    }
    user
}

/// What they sign for these users, by library.
fn signed_by_all(users: &[Value]) -> Vec<(&'static str, Vec<String>)> {
    let request = json!({"action": "sign", "users": users});
    let (node, python) = (ask("node.js", &request), ask("python.py", &request));
    vec![
        ("documented", tokens(&node, "documented")),
        ("jose", tokens(&node, "jose")),
        ("pyjwt", tokens(&python, "pyjwt")),
        ("php", tokens(&ask("php.php", &request), "php")),
        ("ruby-jwt", tokens(&ask("ruby.rb", &request), "ruby-jwt")),
        ("golang-jwt", tokens(&ask("go.go", &request), "golang-jwt")),
    ]
}

#[test]
fn what_they_sign_we_accept() {
    let identities = identities();
    for (library, tokens) in signed_by_all(&identities.iter().map(user).collect::<Vec<_>>()) {
        assert_eq!(tokens.len(), identities.len());
        for (token, identity) in tokens.iter().zip(&identities) {
            let visitor =
                verifier().verify(token).unwrap_or_else(|error| panic!("{library}: {error}: {identity:?}"));
            assert_eq!(visitor.identity(), identity, "{library}");
            assert_eq!(visitor.expires_at(), visitor.issued_at().unwrap() + seconds(3600), "{library}");
        }
    }
}

#[test]
fn numeric_ids_and_nulls_of_theirs_we_accept() {
    let users = [
        json!({"email": "ada@example.com", "name": null, "id": null}),
        json!({"email": "ada@example.com", "name": "", "id": 0}),
        json!({"email": "ada@example.com", "id": 42}),
        json!({"email": "ada@example.com", "id": -42}),
        json!({"email": "ada@example.com", "id": 9_007_199_254_740_991_i64}),
    ];
    let expected = [None, Some("0"), Some("42"), Some("-42"), Some("9007199254740991")];
    for (library, tokens) in signed_by_all(&users) {
        for (token, id) in tokens.iter().zip(expected) {
            let visitor = verifier().verify(token).unwrap_or_else(|error| panic!("{library}: {error}"));
            assert_eq!((visitor.external_id(), visitor.name()), (id, None), "{library}");
        }
    }
}

#[test]
fn what_we_sign_they_accept() {
    let identities = identities();
    for bound in [false, true] {
        let signer = if bound { signer().for_bot(bot()) } else { signer() };
        let signed: Vec<WidgetToken> = identities.iter().map(|identity| signer.sign(identity)).collect();
        let mut request = json!({"action": "verify", "tokens": signed});
        if bound {
            request["audience"] = BOT.into();
        }
        let (node, python) = (ask("node.js", &request), ask("python.py", &request));
        let (php, ruby, go) = (ask("php.php", &request), ask("ruby.rb", &request), ask("go.go", &request));
        for (library, answers) in [
            ("jsonwebtoken", &node["jsonwebtoken"]),
            ("jose", &node["jose"]),
            ("PyJWT", &python["pyjwt"]),
            ("PHP", &php["php"]),
            ("ruby-jwt", &ruby["ruby-jwt"]),
            ("golang-jwt", &go["golang-jwt"]),
        ] {
            for ((claims, identity), token) in
                answers.as_array().unwrap().iter().zip(&identities).zip(&signed)
            {
                let mut expected = json!({
                    "email": identity.email().as_str(),
                    "iat": token.expires_at().unix_timestamp() - 3600,
                    "exp": token.expires_at().unix_timestamp(),
                });
                for (name, value) in [("name", identity.name()), ("external_id", identity.external_id())] {
                    if let Some(value) = value {
                        expected[name] = value.into();
                    }
                }
                if bound {
                    expected["aud"] = BOT.into();
                }
                assert_eq!(claims, &expected, "{library}");
            }
            assert_eq!(answers.as_array().unwrap().len(), identities.len());
        }
    }
}

/// The README says that it signs the same, byte for byte.
#[test]
fn the_readme_s_program_for_node_signs_our_token() {
    let readme = std::fs::read_to_string(folder().join("../../README.md")).unwrap();
    let program = readme.split("```js\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(folder().join("node_modules/jsonwebtoken").exists(), "{MISSING}");
    let output = Command::new("node")
        .args(["-e", program])
        .current_dir(folder())
        .env("BOOSTGPT_SSO_SECRET", SECRET)
        .output()
        .unwrap_or_else(|error| panic!("{MISSING} ({error})"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let token = String::from_utf8(output.stdout).unwrap();
    let token = token.strip_suffix('\n').unwrap();

    let visitor = accepted(verifier().verify(token));
    let ada = Identity::new("ada@example.com").unwrap().with_name("Ada Lovelace").unwrap();
    let ada = ada.with_external_id("42").unwrap();
    assert_eq!(visitor.identity(), &ada);
    assert_eq!(token, signer().sign_at(&ada, visitor.issued_at().unwrap()).as_str());
}

#[test]
fn for_the_documented_snippet_our_token_is_byte_identical() {
    let identities = identities();
    let users: Vec<_> = identities.iter().map(user).collect();
    let theirs = tokens(&ask("node.js", &json!({"action": "sign", "users": users})), "documented");
    for (theirs, identity) in theirs.iter().zip(&identities) {
        let issued_at = accepted(verifier().verify(theirs)).issued_at().unwrap();
        assert_eq!(theirs, signer().sign_at(identity, issued_at).as_str(), "{identity:?}");
    }
}

#[test]
fn a_token_of_theirs_holds_to_the_last_second_and_the_last_character() {
    let user = json!({"email": "ada@example.com", "name": "Ada", "id": 42});
    for (library, tokens) in signed_by_all(&[user]) {
        let token = tokens[0].as_bytes();
        let visitor = accepted(verifier().verify(token));
        let exp = visitor.expires_at();
        assert_eq!(verifier().verify_at(token, exp - seconds(1)), Ok(visitor), "{library}");
        refused(verifier().verify_at(token, exp), VerifyError::Expired { exp, now: exp });
        refused(
            verifier().verify_at(token, exp + seconds(1)),
            VerifyError::Expired { exp, now: exp + seconds(1) },
        );
        for position in 0..token.len() {
            let mut changed = token.to_vec();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert!(verifier().verify(&changed).is_err(), "{library}: {position}");
        }
    }
}

#[test]
fn mistakes_that_their_libraries_sign_without_a_word_are_refused() {
    let user = json!({"email": "ada@example.com", "name": "Ada", "id": 42});
    let answer = ask("node.js", &json!({"action": "misuse", "user": user}));
    let verdict = |name: &str| verifier().verify(answer[name].as_str().unwrap());
    for name in ["hs384", "hs512", "none"] {
        refused(verdict(name), VerifyError::UnsupportedAlgorithm);
    }
    refused(verdict("hex_decoded"), VerifyError::BadSignature);
    refused(verdict("no_expiry"), VerifyError::MissingClaim(Claim::Exp));
    refused(verdict("milliseconds"), VerifyError::InvalidClaim(Claim::Exp));
    refused(verdict("no_email"), VerifyError::MissingClaim(Claim::Email));
    let too_long = |lifetime| lifetime == seconds(7200);
    assert!(matches!(
        verdict("two_hours"),
        Err(VerifyError::LifetimeTooLong { lifetime, .. }) if too_long(lifetime)
    ));
    assert!(matches!(verdict("not_before"), Err(VerifyError::NotYetValid { .. })));
}
