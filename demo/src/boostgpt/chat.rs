//! A scripted agent, and what it keeps of each subscriber while the program runs: the conversation and one
//! fact. The id of the subscriber is the only key.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use boostgpt_sso::SubscriberId;
use serde::{Deserialize, Serialize};

/// What is kept of a conversation.
const MAX_MESSAGES: usize = 100;

/// A message of a conversation. The page chooses its id, and sends it again if it does not hear of it.
#[derive(Deserialize)]
pub(super) struct SentMessage {
    pub(super) conversation: String,
    pub(super) id: String,
    pub(super) text: String,
}

#[derive(Default)]
pub(super) struct Chats(Mutex<HashMap<SubscriberId, Chat>>);

#[derive(Default)]
struct Chat {
    messages: Vec<Message>,
    fact: Option<String>,
}

#[derive(Clone, Serialize)]
pub(super) struct Message {
    from: &'static str,
    text: String,
    /// The page's own id of what the visitor said.
    id: Option<String>,
}

impl Chats {
    /// The conversation so far, after what the subscriber says now. A message that comes twice is said once.
    pub(super) fn conversation(&self, subscriber: SubscriberId, said: Option<&SentMessage>) -> Vec<Message> {
        let mut chats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let chat = chats.entry(subscriber).or_default();
        if let Some(SentMessage { id, text, .. }) = said.filter(|said| !chat.has(&said.id)) {
            let answer = chat.answer(text);
            chat.messages.push(Message { from: "you", text: text.clone(), id: Some(id.clone()) });
            chat.messages.push(Message { from: "agent", text: answer, id: None });
            chat.messages.drain(..chat.messages.len().saturating_sub(MAX_MESSAGES));
        }
        chat.messages.clone()
    }
}

impl Chat {
    fn has(&self, id: &str) -> bool {
        self.messages.iter().any(|message| message.id.as_deref() == Some(id))
    }

    fn answer(&mut self, text: &str) -> String {
        if let Some((_, fact)) = text.split_once("emember that ") {
            let fact = self.fact.insert(fact.trim_end_matches('.').to_owned());
            return format!("I will remember: “{fact}”");
        }
        match &self.fact {
            _ if !text.contains("remember") => {
                "Tell me “remember that …”, or ask “what do you remember?”".to_owned()
            }
            Some(fact) => format!("You told me: “{fact}”"),
            None => "You have not told me anything to remember.".to_owned(),
        }
    }
}
