//! Whether standard output can still be written to. A secret that is shown once must not be lost on the way.

use std::io;

/// Makes sure that what is written to standard output next, a few lines, can be written and reaches a reader.
///
/// # Errors
/// If standard output is closed, leads to the null device, or is a file on a full disk.
#[cfg(unix)]
pub(crate) fn check_output() -> io::Result<()> {
    use std::{
        fs::{File, metadata},
        io::{ErrorKind, Write},
        os::{
            fd::AsFd,
            unix::fs::{FileTypeExt, MetadataExt},
        },
    };

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        fs::{FallocateFlags, fallocate},
        io::Errno,
        process::{Resource, getrlimit},
    };

    /// More than any of the answers that must not be lost.
    const ROOM: u64 = 4096;

    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let found = output.metadata()?;
    if found.file_type().is_file() {
        if getrlimit(Resource::Fsize).current.is_some_and(|limit| limit < found.len().saturating_add(ROOM)) {
            return Err(ErrorKind::FileTooLarge.into());
        }
        // Reserves room behind the end, which leaves the file as it is.
        let reserved = fallocate(&output, FallocateFlags::KEEP_SIZE, found.len(), ROOM);
        return match reserved {
            // This file system cannot reserve.
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
            reserved => Ok(reserved?),
        };
    }
    if found.file_type().is_char_device() {
        // Where a program is started with standard output closed, Rust opens this device in its place.
        if metadata("/dev/null").is_ok_and(|null| null.rdev() == found.rdev()) {
            return Err(io::Error::other("it leads to the null device"));
        }
        // Devices refuse an empty write as they refuse any other.
        let _ = output.write(&[])?;
    }
    let mut polled = [PollFd::new(&output, PollFlags::OUT)];
    poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    let gone = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
    if polled.iter().any(|stream| stream.revents().intersects(gone)) {
        return Err(ErrorKind::BrokenPipe.into());
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn check_output() -> io::Result<()> {
    Ok(())
}
