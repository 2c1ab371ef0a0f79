//! How the demo and the examples start, and how they fail to.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use boostgpt_sso::{Identity, Signer, SsoSecret};

const EXAMPLES: [&str; 3] = ["axum_customer", "actix_customer", "axum_service"];

fn demo() -> Command {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_widget-demo"));
    for name in ["PORT", "BOOSTGPT_SSO_STORE", "BOOSTGPT_SSO_MASTER_KEY"] {
        demo.env_remove(name);
    }
    demo.stdin(Stdio::null());
    demo
}

/// An example, as `cargo test` builds it, with a secret for those that sign.
fn example(name: &str) -> Command {
    let path = Path::new(env!("CARGO_BIN_EXE_widget-demo")).with_file_name("examples").join(name);
    assert!(path.exists(), "not built: run `cargo build --package boostgpt-sso-demo --examples`");
    let mut example = Command::new(path);
    let secret = SsoSecret::generate().unwrap();
    example.env("BOOSTGPT_SSO_SECRET", secret.expose_secret()).env_remove("PORT").stdin(Stdio::null());
    example
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Whether a program listens at this port within ten seconds.
fn listens(port: u16) -> bool {
    (0..200).any(|_| {
        sleep(Duration::from_millis(50));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    })
}

/// A port that was free a moment ago, as was the next one: the demo listens at two.
fn free_port() -> u16 {
    let bind = |port| TcpListener::bind(("127.0.0.1", port));
    let port_of = |listener: TcpListener| listener.local_addr().unwrap().port();
    let mut ports = (0..100).map(|_| port_of(bind(0).unwrap()));
    ports.find(|port| port.checked_add(1).is_some_and(|next| bind(next).is_ok())).unwrap()
}

/// What it says when it does not start.
fn refused(demo: &mut Command) -> String {
    let output = demo.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("panicked") && output.stdout.is_empty(), "{text}");
    text
}

#[test]
fn a_taken_port_is_an_error_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for text in [refused(demo().args(["--port", &port])), refused(demo().env("PORT", &port))] {
        assert!(text.starts_with(&format!("cannot listen on port {port} (")), "{text}");
        assert!(text.trim_end().ends_with("choose another one with --port"), "{text}");
    }
}

#[test]
fn a_taken_or_wrong_port_of_an_example_is_an_error_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for name in EXAMPLES {
        let text = refused(example(name).env("PORT", &port));
        // The plain text, and not a quoted one.
        assert!(text.starts_with(&format!("cannot listen on port {port} (")), "{name}: {text}");
        assert!(text.ends_with("choose another one with PORT=…\n"), "{name}: {text}");
        let text = refused(example(name).env("PORT", "many"));
        assert_eq!(text, "PORT is not a number from 0 to 65535\n", "{name}");
    }
}

/// Before the site has its secret, every page of a user who is logged in asks for a token in vain. Their
/// browser sees no failure; the operator does.
#[test]
fn a_missing_secret_is_told_to_the_operator() {
    let mut demo = demo();
    demo.args(["--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut demo = demo.spawn().unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let site = lines.next().unwrap().strip_prefix("open http://").unwrap().to_owned();
    let ask = |head: &str| {
        let mut stream = TcpStream::connect(&site).unwrap();
        write!(stream, "{head} HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\n").unwrap();
        stream
    };
    let answer = |mut stream: TcpStream, rest: &str| {
        stream.write_all(rest.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nuser=42";
    let logged_in = answer(ask("POST /login"), &format!("Origin: http://{site}\r\n{form}"));
    let cookie = logged_in.split_once("set-cookie: ").unwrap().1.split(';').next().unwrap();
    let token = answer(ask("GET /widget-token"), &format!("Cookie: {cookie}\r\n\r\n"));
    let mut stderr = demo.stderr.take().unwrap();
    kill(demo);
    let mut told = String::new();
    stderr.read_to_string(&mut told).unwrap();
    assert!(token.starts_with("HTTP/1.1 200") && token.ends_with(r#"{"token":null}"#), "{token}");
    assert_eq!(told, "ada@example.com stays anonymous: there is no secret, enter one at /backend\n");
}

#[test]
fn the_service_of_the_example_accepts_a_token_of_the_readers_own_back_end() {
    let mut service = example("axum_service").env("PORT", "0").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(service.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut after = |before: &str| {
        let line = lines.next().unwrap();
        line.split_once(before).unwrap_or_else(|| panic!("{line}")).1.to_owned()
    };
    let (secret, address) = (after("BOOSTGPT_SSO_SECRET="), after("curl -X POST http://"));
    let own = Signer::new(&secret.parse().unwrap()).sign(&Identity::new("grace@example.com").unwrap());
    let (host, path) = address.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\
         Authorization: Bearer {own}\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    kill(service);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""identified":true"#), "{answer}");
}

#[test]
fn wrong_options_are_errors_that_say_what_to_do() {
    for (arguments, expected) in [
        (&["--port", "x"][..], "--port is not a number from 0 to 65535"),
        (&["--port", "65536"], "--port is not a number from 0 to 65535"),
        (&["--port", "65535"], "there is no port after 65535"),
        (&["--port"], "--port needs a value"),
        (&["--help"], "usage: widget-demo "),
        (&["--embedder", "http://x.example/path"], "--embedder is not an origin: "),
        (&["--embedder", "javascript:alert(1)"], "--embedder is not an origin: "),
        (&["--embedder", "http://x.example; script-src *"], "--embedder is not an origin: "),
        (&["--clock", "/nowhere"], "the file of --clock "),
    ] {
        let text = refused(demo().args(arguments));
        assert!(text.starts_with(expected), "{arguments:?}: {text}");
    }
    let text = refused(demo().env("PORT", "many"));
    assert!(text.starts_with("PORT is not a number"), "{text}");
    let text = refused(demo().args(["--port", "0"]).env("BOOSTGPT_SSO_STORE", "sqlite:/nowhere/x.db"));
    assert!(text.contains("BOOSTGPT_SSO_MASTER_KEY"), "{text}");
    // The error of a store, with its cause.
    let mut nowhere = demo();
    nowhere.args(["--port", "0"]).env("BOOSTGPT_SSO_STORE", "sqlite:/nowhere/x.db");
    let text = refused(nowhere.env("BOOSTGPT_SSO_MASTER_KEY", "07".repeat(32)));
    assert!(text.starts_with("the store's configuration cannot be used: check"), "{text}");
    assert!(text.contains(": No such file"), "{text}");
}

#[test]
fn they_go_on_if_no_one_reads_what_they_print() {
    let commands = EXAMPLES.map(example).into_iter().chain([demo()]);
    for mut command in commands {
        // The pipe is closed before anything is printed.
        let port = free_port();
        command.env("PORT", port.to_string()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let listens = listens(port);
        sleep(Duration::from_millis(200));
        let ended = child.try_wait().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        kill(child);
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        assert!(listens && ended.is_none() && text.is_empty(), "{command:?}: {ended:?} {text}");
    }
}

/// `println!` and `eprintln!` panic if their reader is gone, and every user of the machine can read an
/// argument.
#[test]
fn examples_survive_a_closed_pipe_and_take_no_secret_as_an_argument() {
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![demo.join("examples"), demo.join("../examples")];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = || text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let prints = |line: &str| ["println!(", "print!("].iter().any(|name| line.contains(name));
            assert!(!lines().any(prints), "{}: use writeln!", path.display());
            let reads = lines().any(|line| line.contains("args()") && !line.contains("args().len()"));
            // Its arguments are a user's name, address and id.
            let may = path.ends_with("examples/sign.rs");
            assert!(!reads || may, "{}: take it from the environment or standard input", path.display());
            read += 1;
        }
    }
    assert!(read >= 10, "{read}");
}
