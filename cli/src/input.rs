//! What is read from files and from standard input: up to a limit, and never for ever.

use std::{
    fs::{File, Metadata},
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::channel,
    },
    thread,
    time::Duration,
};

use zeroize::Zeroizing;

use crate::{error::CliError, terminal::note};

/// The largest key or token that is read, in bytes. What is longer is neither, and one byte more shows it.
const MAX_INPUT: u64 = 64 * 1024;
/// How long opening a named pipe waits for the program that writes to it.
const MAX_WAIT_FOR_WRITER: Duration = Duration::from_secs(5);

/// Reads standard input, once. At a terminal it first says what to type.
pub(crate) fn standard_input(what: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
    static IS_READ: AtomicBool = AtomicBool::new(false);
    if IS_READ.swap(true, Ordering::Relaxed) {
        return Err(CliError::InputTwice);
    }
    let stdin = io::stdin();
    if stdin.is_terminal() {
        note(format_args!("paste {what}, then press Enter and Ctrl-D"));
    }
    read_up_to_limit(stdin.lock()).map_err(CliError::Input)
}

/// Reads the text of the key file that was given to this option; `-` is standard input. No error holds the
/// path, which may be a key given by mistake.
pub(crate) fn key_file(path: &Path, option: &'static str) -> Result<Zeroizing<String>, CliError> {
    let bytes = if path == Path::new("-") {
        standard_input("the key")?
    } else {
        let file = open(path.to_owned(), option)?;
        let failed = |source| CliError::KeyFile { option, source };
        warn_if_exposed(&file.metadata().map_err(failed)?, option);
        read_up_to_limit(file).map_err(failed)?
    };
    if let Some(encoding) = other_encoding(&bytes) {
        return Err(CliError::FileEncoding { option, encoding });
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(CliError::FileEncoding { option, encoding: "is not UTF-8 text" }),
    }
}

/// What is wrong with the encoding of a text that should be ASCII, as the end of a sentence.
pub(crate) fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some("begins with a byte order mark (EF BB BF)"),
        [0xff, 0xfe, ..] => Some("is UTF-16, with the byte order mark FF FE"),
        [0xfe, 0xff, ..] => Some("is UTF-16, with the byte order mark FE FF"),
        [a, 0, b, 0, ..] | [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some("is UTF-16"),
        _ => None,
    }
}

/// Without the end of the last line, which a pipe, an editor or Enter adds.
pub(crate) fn without_line_end(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(b"\n").map_or(bytes, |line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn read_up_to_limit(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    from.take(MAX_INPUT.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file. A named pipe opens when a program writes to it; the thread that waits for it ends with the
/// process.
fn open(path: PathBuf, option: &'static str) -> Result<File, CliError> {
    let (opened, wait) = channel();
    let open = move || drop(opened.send(File::open(path)));
    thread::Builder::new().spawn(open).map_err(CliError::Start)?;
    match wait.recv_timeout(MAX_WAIT_FOR_WRITER) {
        Ok(file) => file.map_err(|source| CliError::KeyFile { option, source }),
        Err(_) => Err(CliError::SilentPipe { option }),
    }
}

/// Says so if other users of the machine may read or replace the key. Refusing would break the files that
/// containers mount for their secrets.
#[cfg(unix)]
fn warn_if_exposed(file: &Metadata, option: &str) {
    use std::os::unix::fs::PermissionsExt;

    let others = file.permissions().mode() & 0o027;
    if !file.is_file() || others == 0 {
        return;
    }
    let may = if others & 0o022 == 0 { "read" } else { "change" };
    note(format_args!("warning: other users may {may} the file of {option}: restrict it with chmod 600"));
}

#[cfg(not(unix))]
fn warn_if_exposed(_: &Metadata, _: &str) {}
