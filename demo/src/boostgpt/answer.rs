//! Who the visitor is, and what the agent answers to that.

use axum::{
    Json,
    http::{StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use boostgpt_sso::{BotId, Session, Visitor, store::StoreError};
use serde::Serialize;

use super::{
    chat::{Message, SentMessage},
    state::BoostGpt,
};

/// A store that fails is a response already: 503, or 500.
pub(super) type Answer<T> = Result<T, StoreError>;

/// What the agent page shows.
#[derive(Serialize)]
struct Shown<'a> {
    identified: bool,
    subscriber_id: String,
    name: &'a str,
    conversation: &'a str,
    messages: Vec<Message>,
}

impl BoostGpt {
    /// Opens a conversation with the token. A bad token is never an error: its visitor is anonymous.
    pub(super) async fn open(&self, bot: &str, token: &str) -> Answer<Response> {
        let Ok(bot) = bot.parse::<BotId>() else { return Ok(StatusCode::NOT_FOUND.into_response()) };
        let now = self.clock.now();
        let visitor = self.authenticator.authenticate_at(bot, token, now).await?;
        if bot == self.origins.bot {
            self.reasons.count(token, &visitor, now);
        }
        let session = match visitor {
            Visitor::Identified(session) => session,
            anonymous @ Visitor::Anonymous(_) => return Ok(anonymous.into_response()),
        };
        let conversation = self.conversations.open(session.clone(), now);
        Ok(self.show(&session, &conversation, None))
    }

    /// Goes on with a conversation, as long as its token has not expired and its secret is the agent's.
    pub(super) async fn continue_conversation(&self, said: &SentMessage) -> Answer<Response> {
        let session = self.conversations.session(&said.conversation, self.clock.now(), &*self.store).await?;
        Ok(match session {
            Some(session) => self.show(&session, &said.conversation, Some(said)),
            None => no_store(Json(Ended { identified: false })),
        })
    }

    fn show(&self, session: &Session, conversation: &str, said: Option<&SentMessage>) -> Response {
        let (subscriber, identity) = (session.provisioned.subscriber, session.visitor.identity());
        no_store(Json(Shown {
            identified: true,
            subscriber_id: subscriber.to_string(),
            name: identity.name().unwrap_or(identity.email().as_str()),
            conversation,
            messages: self.chats.conversation(subscriber, said),
        }))
    }
}

/// The conversation is over. The page presents its token again: it may be good for another one.
#[derive(Serialize)]
struct Ended {
    identified: bool,
}

fn no_store(json: impl IntoResponse) -> Response {
    ([(CACHE_CONTROL, "no-store")], json).into_response()
}
