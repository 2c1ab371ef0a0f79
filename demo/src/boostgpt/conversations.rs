//! The conversations that are open: whose each is, by an id that only its page knows.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use boostgpt_sso::{
    Session,
    store::{StoreError, SubscriberStore},
    time::OffsetDateTime,
};

use crate::random;

/// The number of conversations that are kept open. One more ends those that cannot go on, or else any one.
const MAX_CONVERSATIONS: usize = 10_000;

#[derive(Default)]
pub(super) struct Conversations(Mutex<HashMap<String, Session>>);

impl Conversations {
    /// Opens a conversation for the session of a visit, and returns its id.
    pub(super) fn open(&self, session: Session, now: OffsetDateTime) -> String {
        let id = random::text();
        let mut all = self.all();
        if all.len() >= MAX_CONVERSATIONS {
            all.retain(|_, session| session.is_current(now));
            let one = all.keys().next().filter(|_| all.len() >= MAX_CONVERSATIONS).cloned();
            one.and_then(|id| all.remove(&id));
        }
        all.insert(id.clone(), session);
        id
    }

    /// Returns the session of a conversation that may go on. It may not if its token has expired, or if the
    /// secret that signed the token is no longer the agent's.
    pub(super) async fn session(
        &self,
        id: &str,
        now: OffsetDateTime,
        store: &dyn SubscriberStore,
    ) -> Result<Option<Session>, StoreError> {
        let Some(session) = self.all().get(id).cloned() else { return Ok(None) };
        let secret = store.current_secret(session.visitor.bot()).await?.into_secret();
        let same = secret.is_some_and(|secret| secret.version == session.visitor.secret_version());
        if same && session.is_current(now) {
            return Ok(Some(session));
        }
        self.all().remove(id);
        Ok(None)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
