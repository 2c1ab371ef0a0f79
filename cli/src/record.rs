//! What is shown of a project, a bot and a subscriber: to a program as JSON, to people as the cells of a
//! table.

use boostgpt_sso::{
    AccountId, BotId, Identity, ProjectId, SubscriberId,
    store::{Bot, Project, Subscriber},
};
use serde::Serialize;

use crate::{
    table::{Align, Record},
    text::escaped,
};

/// A project.
#[derive(Serialize)]
pub(crate) struct ProjectRecord {
    id: ProjectId,
    free_tier: Option<u32>,
}

impl ProjectRecord {
    pub(crate) fn of(project: &Project) -> Self {
        Self { id: project.id, free_tier: project.free_tier }
    }
}

impl Record<2> for ProjectRecord {
    const COLUMNS: [(&'static str, Align); 2] = [("project", Align::Left), ("free tier", Align::Right)];

    fn cells(&self) -> [String; 2] {
        [self.id.to_string(), number(self.free_tier)]
    }
}

/// A single project, with what is counted for one alone.
#[derive(Serialize)]
pub(crate) struct ProjectDetails {
    #[serde(flatten)]
    pub(crate) project: ProjectRecord,
    pub(crate) subscribers: u64,
}

impl Record<3> for ProjectDetails {
    const COLUMNS: [(&'static str, Align); 3] =
        [("project", Align::Left), ("free tier", Align::Right), ("subscribers", Align::Right)];

    fn cells(&self) -> [String; 3] {
        let [id, free_tier] = self.project.cells();
        [id, free_tier, self.subscribers.to_string()]
    }
}

/// A bot.
#[derive(Serialize)]
pub(crate) struct BotRecord {
    id: BotId,
    project: ProjectId,
    has_secret: bool,
}

impl BotRecord {
    pub(crate) fn of(bot: &Bot) -> Self {
        Self { id: bot.id, project: bot.project, has_secret: bot.secret_version.is_some() }
    }
}

impl Record<3> for BotRecord {
    const COLUMNS: [(&'static str, Align); 3] =
        [("bot", Align::Left), ("project", Align::Left), ("secret", Align::Left)];

    fn cells(&self) -> [String; 3] {
        let secret = if self.has_secret { "yes" } else { "none: its visitors are anonymous" };
        [self.id.to_string(), self.project.to_string(), secret.to_owned()]
    }
}

/// A subscriber. Days are UTC days; the time is in seconds since 1970.
#[derive(Serialize)]
pub(crate) struct SubscriberRecord<'a> {
    id: SubscriberId,
    project: ProjectId,
    account: AccountId,
    email: Option<&'a str>,
    name: Option<&'a str>,
    external_id: Option<&'a str>,
    first_day: String,
    last_day: String,
    applied_at: i64,
    granted: Option<u32>,
    past_addresses: u64,
}

impl<'a> SubscriberRecord<'a> {
    pub(crate) fn of(subscriber: &'a Subscriber) -> Self {
        Self {
            id: subscriber.id,
            project: subscriber.project,
            account: subscriber.account,
            email: subscriber.email.as_deref(),
            name: subscriber.name.as_deref(),
            external_id: subscriber.external_id.as_deref(),
            first_day: subscriber.first_day.to_string(),
            last_day: subscriber.last_day.to_string(),
            applied_at: subscriber.applied_at,
            granted: subscriber.granted,
            past_addresses: subscriber.past_addresses,
        }
    }

    /// What an operator should know about an address or an external id that is missing or cannot be right.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        match self.email.map(Identity::new) {
            None => remarks.push(
                "There is no e-mail address, because another subscriber of the project has the one in this \
                 subscriber's tokens. The two are kept apart: an address that changes hands must not hand \
                 over a history."
                    .to_owned(),
            ),
            Some(Err(error)) => {
                remarks.push(format!("A token with this e-mail address would be refused today: {error}."));
            }
            Some(Ok(_)) => {}
        }
        let probe =
            |id| Identity::new("probe@example.com").and_then(|identity| identity.with_external_id(id));
        if let Some(Err(error)) = self.external_id.map(probe) {
            remarks.push(format!(
                "This external id would be refused today: {error}. If every user got it, they all share this \
                 subscriber and its history."
            ));
        } else if self.past_addresses > 0 {
            remarks.push(format!(
                "This subscriber has given up {} e-mail address{} for another one. If the address changes \
                 back and forth, several people share the external id.",
                self.past_addresses,
                if self.past_addresses == 1 { "" } else { "es" }
            ));
        }
        remarks
    }
}

impl Record<7> for SubscriberRecord<'_> {
    const COLUMNS: [(&'static str, Align); 7] = [
        ("subscriber", Align::Left),
        ("first day", Align::Left),
        ("last day", Align::Left),
        ("credits", Align::Right),
        ("e-mail", Align::Left),
        ("external id", Align::Left),
        ("name", Align::Left),
    ];

    fn cells(&self) -> [String; 7] {
        let text = |text: Option<&str>| text.map(escaped).unwrap_or_default();
        [
            self.id.to_string(),
            self.first_day.clone(),
            self.last_day.clone(),
            number(self.granted),
            text(self.email),
            text(self.external_id),
            text(self.name),
        ]
    }
}

/// A subscriber found in any project.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct FoundSubscriber<'a>(pub(crate) SubscriberRecord<'a>);

impl Record<8> for FoundSubscriber<'_> {
    const COLUMNS: [(&'static str, Align); 8] = {
        let [id, first_day, last_day, credits, email, external_id, name] = SubscriberRecord::COLUMNS;
        [id, ("project", Align::Left), first_day, last_day, credits, email, external_id, name]
    };

    fn cells(&self) -> [String; 8] {
        let [id, first_day, last_day, credits, email, external_id, name] = self.0.cells();
        [id, self.0.project.to_string(), first_day, last_day, credits, email, external_id, name]
    }
}

/// A single subscriber.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct SubscriberDetails<'a>(pub(crate) SubscriberRecord<'a>);

impl Record<9> for SubscriberDetails<'_> {
    const COLUMNS: [(&'static str, Align); 9] = {
        let [id, first_day, last_day, credits, email, external_id, name] = SubscriberRecord::COLUMNS;
        let (project, account) = (("project", Align::Left), ("account", Align::Left));
        [id, email, external_id, name, first_day, last_day, credits, project, account]
    };

    fn cells(&self) -> [String; 9] {
        let [id, first_day, last_day, credits, email, external_id, name] = self.0.cells();
        let (project, account) = (self.0.project.to_string(), self.0.account.to_string());
        [id, email, external_id, name, first_day, last_day, credits, project, account]
    }
}

fn number(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
