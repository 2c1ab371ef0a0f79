//! `subscriber …`

use std::sync::Arc;

use boostgpt_sso::{
    Email, ProjectId, SubscriberId,
    store::{Lookup, Store, Subscriber},
    time::OffsetDateTime,
};
use clap::{Args, Subcommand};

use crate::{
    answer::Answer,
    error::CliError,
    record::{HEADINGS, Record, cells},
    store::{StoreArgs, block_on},
    table::{Align, table},
    terminal::{HEADING, Terminal, paint},
};

/// How many subscribers are read at once.
const PAGE: u32 = 500;

#[derive(Debug, Subcommand)]
pub(crate) enum SubscriberCommand {
    /// List a project's subscribers, in the order of their ids, which is that of their first visits
    List(List),
    /// Show one subscriber
    Show(Show),
    /// Erase a subscriber and their personal data
    Forget(Forget),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// The project
    #[arg(long)]
    project: ProjectId,
    /// Begin after this subscriber
    #[arg(long, value_name = "ID")]
    after: Option<SubscriberId>,
    /// List no more than this many
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
    #[command(flatten)]
    store: StoreArgs,
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
pub(crate) struct Show {
    #[command(flatten)]
    who: Who,
    /// The project
    #[arg(long)]
    project: ProjectId,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Forget {
    #[command(flatten)]
    who: Who,
    /// The project
    #[arg(long)]
    project: ProjectId,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    store: StoreArgs,
}

impl SubscriberCommand {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        match self {
            Self::List(list) => block_on(list.run(terminal)),
            Self::Show(show) => block_on(show.run(terminal)),
            Self::Forget(forget) => block_on(forget.run(terminal)),
        }
    }
}

impl Who {
    async fn find(&self, project: ProjectId, store: &Arc<dyn Store>) -> Result<Option<Subscriber>, CliError> {
        let by = match (&self.id, &self.external_id, &self.email) {
            (Some(id), ..) => Lookup::Id(*id),
            (_, Some(external_id), _) => Lookup::ExternalId(external_id),
            (.., email) => Lookup::Email(Email::new(email.as_deref().unwrap_or_default())?),
        };
        Ok(store.subscriber(project, by).await?)
    }
}

impl List {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        store.project(self.project).await?.ok_or(CliError::NoProject)?;
        // Who sees the list grow needs no other progress.
        let progress = (!terminal.is_watched).then(|| terminal.progress("listed 0"));
        let (mut after, mut listed) = (self.after, 0_u64);
        loop {
            let left = self.limit.map_or(u64::MAX, |limit| limit.saturating_sub(listed));
            let count = u32::try_from(left).map_or(PAGE, |left| left.min(PAGE));
            if count == 0 {
                break;
            }
            let page = store.subscribers(self.project, after, count).await?;
            self.print(&page, listed == 0, terminal)?;
            listed = listed.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            after = page.last().map(|last| last.id);
            if let Some(progress) = &progress {
                progress.set_message(format!("listed {listed}"));
            }
            if after.is_none() {
                break;
            }
        }
        Ok(Answer::Yes)
    }

    fn print(&self, page: &[Subscriber], is_first: bool, terminal: &mut Terminal) -> Result<(), CliError> {
        if terminal.is_json {
            return page
                .iter()
                .try_for_each(|subscriber| terminal.answer(&Record::of(subscriber), |_| Ok(())));
        }
        if page.is_empty() {
            return Ok(());
        }
        let mut rows = vec![HEADINGS.map(str::to_owned)];
        rows.extend(page.iter().map(cells));
        let right = Align::Right;
        let align = [Align::Left, Align::Left, Align::Left, right, Align::Left, Align::Left, Align::Left];
        let lines = table(rows, align);
        let mut lines = lines.iter();
        if let Some(heading) = lines.next().filter(|_| is_first) {
            terminal.line(paint(HEADING, heading))?;
        }
        lines.try_for_each(|line| terminal.line(line))
    }
}

impl Show {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let subscriber = self.who.find(self.project, &store).await?.ok_or(CliError::NoSubscriber)?;
        if terminal.is_json {
            terminal.answer(&Record::of(&subscriber), |_| Ok(()))?;
            return Ok(Answer::Yes);
        }
        let account = ("account", subscriber.account.to_string());
        let lines = HEADINGS.into_iter().zip(cells(&subscriber)).chain([account]);
        for (label, text) in lines.filter(|(_, text)| !text.is_empty()) {
            let label = paint(HEADING, format_args!("{label:<11}"));
            terminal.line(format_args!("{label}  {text}"))?;
        }
        Ok(Answer::Yes)
    }
}

impl Forget {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let subscriber = self.who.find(self.project, &store).await?.ok_or(CliError::NoSubscriber)?;
        let question = format!("Subscriber {} and their personal data are erased for good.", subscriber.id);
        if !self.yes && !terminal.confirm(&question)? {
            return Ok(Answer::No);
        }
        if !store.forget(self.project, subscriber.id, OffsetDateTime::now_utc()).await? {
            return Err(CliError::NoSubscriber); // another process was faster
        }
        terminal.line(format_args!("forgotten: {}", subscriber.id))?;
        Ok(Answer::Yes)
    }
}
