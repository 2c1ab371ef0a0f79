//! What the pages of BoostGPT share.

use std::sync::Arc;

use boostgpt_sso::{Authenticator, ProjectId, store::Store};

use super::{chat::Chats, conversations::Conversations, limit::CheckLimit, notice::Notice, reasons::Reasons};
use crate::{clock::Clock, flash::Flashes, origins::Origins};

/// An invented project, the same at every start.
pub(super) const PROJECT: ProjectId = ProjectId::from_bytes([1; 16]);

pub(crate) struct BoostGpt {
    pub(super) store: Arc<dyn Store>,
    pub(super) authenticator: Authenticator,
    pub(super) conversations: Conversations,
    pub(super) chats: Chats,
    pub(super) reasons: Reasons,
    pub(super) checks: CheckLimit,
    pub(super) notices: Flashes<Notice>,
    pub(super) origins: Origins,
    pub(super) clock: Clock,
}

impl BoostGpt {
    pub(super) fn new(store: Arc<dyn Store>, origins: Origins, clock: Clock) -> Self {
        Self {
            authenticator: Authenticator::new(Arc::clone(&store)),
            store,
            conversations: Conversations::default(),
            chats: Chats::default(),
            reasons: Reasons::default(),
            checks: CheckLimit::default(),
            notices: Flashes::default(),
            origins,
            clock,
        }
    }
}
