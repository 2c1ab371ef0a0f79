//! Pages of a list, newest first.

use std::future::Future;

use clap::Args;

use crate::{
    error::CliError,
    terminal::{Terminal, note, progress},
};

/// How many entries are read at once.
const BATCH: u32 = 500;

/// How many entries are shown at once: some screens of them.
const DEFAULT_LIMIT: u32 = 50;

/// Which part of a list is shown.
#[derive(Debug, Args)]
pub(crate) struct PageArgs {
    /// List no more than this many; 50 if nothing else is said
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    limit: Option<u32>,
    /// List everything, however long it is
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl PageArgs {
    /// Returns how many entries of a list of this length are shown.
    pub(crate) fn count(&self, length: usize) -> usize {
        let limit = usize::try_from(self.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX);
        if self.all { length } else { length.min(limit) }
    }

    /// Reads and prints the list, and says where it goes on if there is more.
    ///
    /// `read` reads up to so many entries after the given id; `print` prints some, with a heading if they are
    /// the first. Returns how many were listed.
    pub(crate) async fn show<Entry, Id: Copy + std::fmt::Display, Read>(
        &self,
        terminal: &mut Terminal,
        after: Option<Id>,
        id_of: impl Fn(&Entry) -> Id,
        read: impl Fn(Option<Id>, u32) -> Read,
        print: impl Fn(&mut Terminal, &[Entry], bool) -> Result<(), CliError>,
    ) -> Result<u64, CliError>
    where
        Read: Future<Output = Result<Vec<Entry>, boostgpt_sso::store::StoreError>>,
    {
        // A person who sees the list grow needs no other progress.
        let listing = (!terminal.is_watched).then(|| progress("listing"));
        let mut left = if self.all { u64::MAX } else { self.limit.unwrap_or(DEFAULT_LIMIT).into() };
        let (mut after, mut listed) = (after, 0_u64);
        loop {
            let wanted = u32::try_from(left).map_or(BATCH, |left| left.min(BATCH));
            // One more than is shown tells whether there is more.
            let mut entries = read(after, wanted.saturating_add(1)).await?;
            let is_more = entries.len() > usize::try_from(wanted).unwrap_or(usize::MAX);
            entries.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
            if !entries.is_empty() {
                print(terminal, &entries, listed == 0)?;
            }
            let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
            (listed, left) = (listed.saturating_add(count), left.saturating_sub(count));
            after = entries.last().map(&id_of).or(after);
            if let Some(listing) = &listing {
                listing.set_message(format!("listing, {listed} so far"));
            }
            match after {
                _ if !is_more => return Ok(listed),
                Some(after) if left == 0 => {
                    terminal.flush()?;
                    drop(listing);
                    note(format_args!("more: --after {after}"));
                    return Ok(listed);
                }
                _ if left == 0 => return Ok(listed),
                _ => {}
            }
        }
    }
}
