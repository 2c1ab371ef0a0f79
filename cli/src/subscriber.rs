//! `subscriber …`

use std::cmp::Reverse;

use boostgpt_sso::{
    BotId, Email, ProjectId, SubscriberId,
    store::{Lookup, Store, Subscriber},
    time::OffsetDateTime,
};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    answer::Answer,
    error::CliError,
    page::PageArgs,
    record::{FoundSubscriber, SubscriberDetails, SubscriberRecord},
    scope::{Scope, project_of},
    store::{KeyedStoreArgs, LookupStoreArgs, StoreArgs, block_on},
    table::{print_record, print_records},
    terminal::{Terminal, confirm, note},
    text::escaped,
};

#[derive(Debug, Subcommand)]
pub(crate) enum SubscriberCommand {
    /// List a project's subscribers, those with the newest first visit first
    List(ListSubscribers),
    /// Find subscribers by what a customer knows: an e-mail address in all projects, or who visited a bot
    Find(FindSubscribers),
    /// Show one subscriber, and explain what looks odd
    Show(ShowSubscriber),
    /// Erase a subscriber and their personal data
    Forget(ForgetSubscriber),
}

#[derive(Debug, Args)]
pub(crate) struct ListSubscribers {
    #[command(flatten)]
    scope: Scope,
    /// Begin after this subscriber
    #[arg(long, value_name = "ID")]
    after: Option<SubscriberId>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Args)]
#[group(id = "known", required = true, multiple = true, args = ["bot", "email"])]
pub(crate) struct FindSubscribers {
    /// Those who visited this bot's project, newest first
    #[arg(long, value_name = "ID")]
    bot: Option<BotId>,
    /// Those with this e-mail address: in the bot's project, or without --bot in all projects
    #[arg(long, allow_hyphen_values = true)]
    email: Option<String>,
    /// The one with this external id in the bot's project
    #[arg(long, value_name = "ID", allow_hyphen_values = true, requires = "bot", conflicts_with = "email")]
    external_id: Option<String>,
    /// Begin after this subscriber, if only --bot is given
    #[arg(long, value_name = "ID", requires = "bot", conflicts_with_all = ["email", "external_id"])]
    after: Option<SubscriberId>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    store: LookupStoreArgs,
}

/// One subscriber, by any of their names.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Who {
    /// By their id
    id: Option<SubscriberId>,
    /// By the customer's own id of them
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    external_id: Option<String>,
    /// By their e-mail address
    #[arg(long, allow_hyphen_values = true)]
    email: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ShowSubscriber {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    store: LookupStoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ForgetSubscriber {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    scope: Scope,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    store: KeyedStoreArgs,
}

/// The subscriber who was forgotten, for a program.
#[derive(Serialize)]
struct Forgotten {
    forgotten: SubscriberId,
    project: ProjectId,
}

impl SubscriberCommand {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        match self {
            Self::List(list) => block_on(list.run(terminal)),
            Self::Find(find) => block_on(find.run(terminal)),
            Self::Show(show) => block_on(show.run(terminal)),
            Self::Forget(forget) => block_on(forget.run(terminal)),
        }
    }
}

impl Who {
    async fn find(&self, project: ProjectId, store: &dyn Store) -> Result<Subscriber, CliError> {
        let by = match (&self.id, &self.external_id, &self.email) {
            (Some(id), ..) => Lookup::Id(*id),
            (_, Some(external_id), _) => Lookup::ExternalId(external_id),
            (.., email) => Lookup::Email(Email::new(email.as_deref().unwrap_or_default())?),
        };
        store.subscriber(project, by).await?.ok_or(CliError::NoSubscriber)
    }
}

impl ListSubscribers {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let project = self.scope.project(&store).await?;
        list(&store, project, self.after, &self.page, terminal).await?;
        Ok(Answer::Yes)
    }
}

/// Lists a project's subscribers, and returns how many were listed.
async fn list(
    store: &dyn Store,
    project: ProjectId,
    after: Option<SubscriberId>,
    page: &PageArgs,
    terminal: &mut Terminal,
) -> Result<u64, CliError> {
    let read = |after, count| store.subscribers(project, after, count);
    let print = |out: &mut Terminal, subscribers: &[Subscriber], is_first| {
        let records: Vec<_> = subscribers.iter().map(SubscriberRecord::of).collect();
        print_records(out, &records, is_first)
    };
    page.show(terminal, after, |subscriber: &Subscriber| subscriber.id, read, print).await
}

impl FindSubscribers {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let project = match self.bot {
            Some(bot) => Some(project_of(bot, &store).await?),
            None => None,
        };
        let email = self.email.as_deref().map(Email::new).transpose()?;
        let mut found = match (project, email, &self.external_id) {
            (Some(project), Some(email), _) => one(store.subscriber(project, Lookup::Email(email)).await?),
            (Some(project), _, Some(id)) => one(store.subscriber(project, Lookup::ExternalId(id)).await?),
            (Some(project), None, None) => {
                let listed = list(&store, project, self.after, &self.page, terminal).await?;
                // A page after the last subscriber is empty, and so is `--limit 0`: neither is an error.
                return if listed > 0 || self.after.is_some() || self.page.count(1) == 0 {
                    Ok(Answer::Yes)
                } else {
                    Err(CliError::NoSubscriber)
                };
            }
            (None, Some(email), _) => store.subscribers_by_email(email).await?,
            (None, None, _) => Vec::new(), // clap insists on one of the two
        };
        if found.is_empty() {
            return Err(if project.is_some() {
                CliError::NoSubscriber
            } else {
                CliError::NoSubscriberAnywhere
            });
        }
        found.sort_unstable_by_key(|subscriber| Reverse(subscriber.id)); // an id begins with its time
        let shown = found.get(..self.page.count(found.len())).unwrap_or_default();
        let records: Vec<_> = shown.iter().map(|one| FoundSubscriber(SubscriberRecord::of(one))).collect();
        print_records(terminal, &records, true)?;
        if shown.len() < found.len() {
            terminal.flush()?;
            note(format_args!("more: {} in all, shown with --all", found.len()));
        }
        Ok(Answer::Yes)
    }
}

fn one(found: Option<Subscriber>) -> Vec<Subscriber> {
    found.into_iter().collect()
}

impl ShowSubscriber {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let project = self.scope.project(&store).await?;
        let subscriber = self.who.find(project, &store).await?;
        let record = SubscriberDetails(SubscriberRecord::of(&subscriber));
        print_record(terminal, &record)?;
        terminal.flush()?;
        record.0.remarks().iter().for_each(note);
        Ok(Answer::Yes)
    }
}

impl ForgetSubscriber {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let project = self.scope.project(&store).await?;
        let subscriber = self.who.find(project, &store).await?;
        if !self.yes && !confirm(&consequence(&subscriber))? {
            return Ok(Answer::No);
        }
        if !store.forget(project, subscriber.id, OffsetDateTime::now_utc()).await? {
            return Err(CliError::NoSubscriber); // another process was faster
        }
        let forgotten = Forgotten { forgotten: subscriber.id, project };
        terminal.answer(&forgotten, |out| out.line(format_args!("forgotten: {}", forgotten.forgotten)))?;
        Ok(Answer::Yes)
    }
}

/// What an operator knows of the subscriber, so that they see whom they erase.
fn consequence(subscriber: &Subscriber) -> String {
    let names = [
        ("e-mail address", &subscriber.email),
        ("external id", &subscriber.external_id),
        ("name", &subscriber.name),
    ];
    let known = names
        .iter()
        .filter_map(|(what, text)| text.as_deref().map(|text| format!("{what} {}", escaped(text))));
    let known: Vec<_> = known.chain([format!("id {}", subscriber.id)]).collect();
    format!("The subscriber with {} and all their personal data are erased for good.", known.join(", "))
}
