//! `project …`

use boostgpt_sso::{ProjectId, store::Project};
use clap::{Args, Subcommand};

use crate::{
    answer::Answer,
    failure::Failure,
    store::{StoreArgs, block_on},
    terminal::Terminal,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a project, and print its id
    Create(Create),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its id; without it, a new one
    #[arg(long)]
    id: Option<ProjectId>,
    /// How many credits a new subscriber's account is granted, once
    #[arg(long, value_name = "CREDITS")]
    free_tier: Option<u32>,
    #[command(flatten)]
    store: StoreArgs,
}

impl Command {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        let Self::Create(create) = self;
        block_on(create.run(terminal))
    }
}

impl Create {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
        let store = self.store.open().await?;
        let id = self.id.map_or_else(ProjectId::generate, Ok).map_err(Failure::Start)?;
        store.create_project(Project::new(id).with_free_tier(self.free_tier)).await?;
        // One that was there before is as it was.
        let found = store.project(id).await?.and_then(|project| project.free_tier);
        if self.free_tier.is_some() && found != self.free_tier {
            let found =
                found.map_or("no free tier".to_owned(), |credits| format!("a free tier of {credits}"));
            return Err(Failure::OtherFreeTier { found });
        }
        terminal.line(id)?;
        Ok(Answer::Yes)
    }
}
