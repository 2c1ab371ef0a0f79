//! What a service answers: status and body, whatever the framework.

use serde::Serialize;

use crate::{authenticator::Visitor, id::SubscriberId, store::StoreError};

/// The body for a visitor. Why they are anonymous is the operator's business.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum VisitorBody {
    Identified { identified: bool, subscriber_id: SubscriberId, new: bool },
    Anonymous { identified: bool },
}

impl From<&Visitor> for VisitorBody {
    fn from(visitor: &Visitor) -> Self {
        match visitor {
            Visitor::Identified(session) => Self::Identified {
                identified: true,
                subscriber_id: session.provisioned.subscriber,
                new: session.provisioned.created_subscriber,
            },
            Visitor::Anonymous(_) => Self::Anonymous { identified: false },
        }
    }
}

/// The body for an error of the store: its code, and nothing that the database said.
#[derive(Serialize)]
pub(crate) struct ErrorBody {
    error: &'static str,
}

impl From<&StoreError> for ErrorBody {
    fn from(error: &StoreError) -> Self {
        Self { error: error.code() }
    }
}

/// The status, and after how many seconds to come back.
pub(crate) const fn status(error: &StoreError) -> (u16, Option<&'static str>) {
    if error.is_retryable() { (503, Some("1")) } else { (500, None) }
}
