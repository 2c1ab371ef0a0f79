//! Sealing every secret anew, page by page: the same on both engines.

use std::future::Future;

use super::{
    error::{Cause, StoreError},
    sealing::{MasterKey, Sealed, SealingError},
};
use crate::id::{BotId, SecretVersion};

/// How many secrets are read and sealed anew at once.
pub(super) const PAGE: u32 = 50;

/// A page of secrets that were sealed anew.
#[derive(Default)]
pub(super) struct ResealedPage {
    pub(super) count: u64,
    /// Why the first of those that were left could not be opened.
    left: Option<SealingError>,
    /// The last bot that was looked at; `None` after the last page.
    after: Option<BotId>,
}

impl ResealedPage {
    /// Seals one secret anew. A secret that cannot be read or opened is left, and keeps no other from being
    /// sealed.
    pub(super) fn seal(
        &mut self,
        master_key: &MasterKey,
        bot: BotId,
        found: Option<(SecretVersion, &Sealed)>,
    ) -> Option<Sealed> {
        self.after = Some(bot);
        let found = found.ok_or(SealingError::Damaged);
        let resealed = found.and_then(|(version, sealed)| {
            let secret = master_key.open_secret(bot, version, sealed)?;
            master_key.seal_secret(bot, version, &secret)
        });
        resealed.map_err(|error| self.left = self.left.or(Some(error))).ok()
    }
}

/// Seals the bots' secrets anew, page after page, and the key of the names last of all: a store that ends
/// halfway still opens only with the old key too. What was done stays done. Each page is a call of its own,
/// between those of visits.
pub(super) async fn reseal_all<P, N>(
    is_over: impl Fn() -> bool,
    page: impl Fn(Option<BotId>) -> P,
    names: impl FnOnce() -> N,
) -> Result<u64, StoreError>
where
    P: Future<Output = Result<ResealedPage, StoreError>>,
    N: Future<Output = Result<u64, StoreError>>,
{
    let (mut count, mut left, mut after) = (0_u64, None, None);
    loop {
        let done = page(after).await?;
        count = count.saturating_add(done.count);
        left = left.or(done.left);
        if done.after.is_none() {
            break;
        }
        if is_over() {
            return Err(StoreError::Unavailable(Cause::new(Unfinished)));
        }
        after = done.after;
    }
    count = count.saturating_add(names().await?);
    left.map_or(Ok(count), |error| Err(error.into()))
}

#[derive(Debug, thiserror::Error)]
#[error("the time for sealing anew is over: call it again, it goes on from here")]
struct Unfinished;

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        future::{Ready, ready},
    };

    use super::*;

    /// Pages of one bot each, without an end.
    fn endless(pages: &Cell<u32>) -> Ready<Result<ResealedPage, StoreError>> {
        pages.set(pages.get().saturating_add(1));
        ready(Ok(ResealedPage { count: 1, left: None, after: Some(BotId::from_bytes([1; 16])) }))
    }

    #[tokio::test]
    async fn it_ends_when_its_time_is_over_and_leaves_the_key_of_the_names() {
        let pages = Cell::new(0);
        let is_over = || pages.get() == 3;
        let ended = reseal_all(is_over, |_| endless(&pages), || async { unreachable!("the names are last") });
        assert!(matches!(ended.await, Err(StoreError::Unavailable(_))));
        assert_eq!(pages.get(), 3);
    }
}
