//! The one clock of the demo's servers.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use boostgpt_sso::time::{Duration, OffsetDateTime};

/// The system's clock. With `--clock FILE`, for tests alone, it is ahead of that by the seconds in the file,
/// which is read anew each time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Option<Arc<Moved>>);

#[derive(Debug)]
struct Moved {
    file: PathBuf,
    /// The last number that was read: the file may be in the middle of being replaced.
    seconds: AtomicI64,
}

impl Clock {
    /// A clock that the seconds in this file move.
    pub(crate) fn moved_by(file: PathBuf) -> Result<Self, String> {
        let seconds = read(&file).ok_or("the file of --clock has no number of seconds in it")?;
        Ok(Self(Some(Arc::new(Moved { file, seconds: AtomicI64::new(seconds) }))))
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        let ahead = self.0.as_ref().map_or(0, |moved| {
            let seconds = read(&moved.file).unwrap_or_else(|| moved.seconds.load(Ordering::Relaxed));
            moved.seconds.store(seconds, Ordering::Relaxed);
            seconds
        });
        OffsetDateTime::now_utc() + Duration::seconds(ahead)
    }
}

fn read(file: &Path) -> Option<i64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}
