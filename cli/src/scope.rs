//! Which project a command is about: named by its id, or by a bot of it.

use boostgpt_sso::{
    BotId, ProjectId,
    store::{Store, StoreError},
};
use clap::Args;

use crate::error::CliError;

/// The project, by one of two ids.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Scope {
    /// The project
    #[arg(long, value_name = "ID")]
    project: Option<ProjectId>,
    /// A bot, in the place of its project
    #[arg(long, value_name = "ID")]
    bot: Option<BotId>,
}

impl Scope {
    /// Finds the project.
    pub(crate) async fn project(&self, store: &dyn Store) -> Result<ProjectId, CliError> {
        match (self.project, self.bot) {
            (_, Some(bot)) => project_of(bot, store).await,
            (Some(project), None) => {
                store.project(project).await?.map(|project| project.id).ok_or(CliError::NoProject)
            }
            (None, None) => Err(CliError::NoProject), // clap insists on one of the two
        }
    }
}

/// Finds the project of a bot.
pub(crate) async fn project_of(bot: BotId, store: &dyn Store) -> Result<ProjectId, CliError> {
    let found = store.bot(bot).await?.ok_or(StoreError::UnknownBot)?;
    Ok(found.project)
}
