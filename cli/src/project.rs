//! `project …`

use boostgpt_sso::{ProjectId, store::Project};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    answer::Answer,
    error::CliError,
    store::{StoreArgs, block_on},
    terminal::Terminal,
};

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Create a project, and print its id
    Create(CreateProject),
}

#[derive(Debug, Args)]
pub(crate) struct CreateProject {
    /// Its id; without it, a new one
    #[arg(long)]
    id: Option<ProjectId>,
    /// How many credits a new subscriber's account is granted, once
    #[arg(long, value_name = "CREDITS")]
    free_tier: Option<u32>,
    #[command(flatten)]
    store: StoreArgs,
}

/// A project, for a program.
#[derive(Serialize)]
struct ProjectRecord {
    id: ProjectId,
    free_tier: Option<u32>,
}

impl ProjectCommand {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let Self::Create(create) = self;
        block_on(create.run(terminal))
    }
}

impl CreateProject {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let id = self.id.map_or_else(ProjectId::generate, Ok).map_err(CliError::Start)?;
        store.create_project(Project { id, free_tier: self.free_tier }).await?;
        // One that was there before is as it was.
        let found = store.project(id).await?.and_then(|project| project.free_tier);
        if self.free_tier.is_some() && found != self.free_tier {
            let found =
                found.map_or("no free tier".to_owned(), |credits| format!("a free tier of {credits}"));
            return Err(CliError::OtherFreeTier { found });
        }
        terminal.answer(&ProjectRecord { id, free_tier: found }, |out| out.line(id))?;
        Ok(Answer::Yes)
    }
}
