//! Who the visitor is, and what the agent answers to that.

use axum::{
    Json,
    http::{StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use boostgpt_sso::{BotId, Visitor, store::StoreError};
use serde_json::json;

use super::BoostGpt;

/// A store that fails is a response already: 503, or 500.
pub(super) type Answer<T> = Result<T, StoreError>;

impl BoostGpt {
    /// The conversation so far, after what the visitor `said` now. A bad token is no error: its visitor is anonymous.
    pub(super) async fn answer(&self, bot: &str, token: &str, said: Option<&str>) -> Answer<Response> {
        let Ok(bot) = bot.parse::<BotId>() else { return Ok(StatusCode::NOT_FOUND.into_response()) };
        let visitor = self.authenticator.authenticate(bot, token).await?;
        if bot == self.origins.bot {
            self.reasons.count(token, &visitor);
        }
        let session = match visitor {
            Visitor::Identified(session) => session,
            anonymous @ Visitor::Anonymous(_) => return Ok(anonymous.into_response()),
        };
        let name = session.visitor.identity().name().unwrap_or(session.visitor.identity().email().as_str());
        let messages = self.chats.conversation(session.provisioned.subscriber, said);
        let body = Json(json!({ "identified": true, "name": name, "messages": messages }));
        Ok(([(CACHE_CONTROL, "no-store")], body).into_response())
    }
}
