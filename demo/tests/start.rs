//! How the demo starts, and how it fails to.

use std::{
    io::{BufRead, BufReader, Read},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

fn demo() -> Command {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_widget-demo"));
    demo.env_remove("PORT").stdin(Stdio::null());
    demo
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
}

#[test]
fn it_goes_on_if_no_one_reads_what_it_prints() {
    let mut read = demo().args(["--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(read.stdout.take().unwrap()).read_line(&mut line).unwrap();
    read.kill().unwrap();
    read.wait().unwrap();
    let port: u16 = line.trim().rsplit(':').next().unwrap().parse().unwrap();

    // The pipe is closed before anything is printed.
    let mut child = demo();
    let mut child = child
        .args(["--port", &port.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let answers = (0..200).any(|_| {
        sleep(Duration::from_millis(50));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    sleep(Duration::from_millis(200));
    let ended = child.try_wait().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(answers && ended.is_none() && text.is_empty(), "{ended:?} {text}");
}

/// `println!` panics if its reader is gone, and what is in an argument can be read by everyone on the machine.
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
            assert!(lines().all(|line| !line.contains(" println!(")), "{}: use writeln!", path.display());
            let takes = |line: &str| line.contains("args()") || line.contains("argument");
            let secret = lines().any(|line| takes(line) && line.to_lowercase().contains("secret"));
            assert!(!secret, "{}: a secret belongs in the environment", path.display());
            read += 1;
        }
    }
    assert!(read >= 10, "{read}");
}
