//! `project …`

use boostgpt_sso::{
    ProjectId,
    store::{Project, StoreError},
};
use clap::{Args, Subcommand};

use crate::{
    answer::Answer,
    error::CliError,
    page::PageArgs,
    record::{ProjectDetails, ProjectRecord},
    store::{StoreArgs, block_on},
    table::{print_record, print_records},
    terminal::Terminal,
};

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Create a project, and print its id
    Create(CreateProject),
    /// List the projects, newest first
    List(ListProjects),
    /// Show one project
    Show(ShowProject),
}

#[derive(Debug, Args)]
pub(crate) struct CreateProject {
    /// Its id; without it, a new one
    #[arg(long)]
    id: Option<ProjectId>,
    /// How many credits a new subscriber's account is granted, once
    #[arg(long, value_name = "CREDITS", allow_negative_numbers = true)]
    free_tier: Option<u32>,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListProjects {
    /// Begin after this project
    #[arg(long, value_name = "ID")]
    after: Option<ProjectId>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ShowProject {
    /// The project
    project: ProjectId,
    #[command(flatten)]
    store: StoreArgs,
}

impl ProjectCommand {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        match self {
            Self::Create(create) => block_on(create.run(terminal)),
            Self::List(list) => block_on(list.run(terminal)),
            Self::Show(show) => block_on(show.run(terminal)),
        }
    }
}

impl CreateProject {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let id = self.id.map_or_else(ProjectId::generate, Ok).map_err(StoreError::from)?;
        let project = Project::new(id);
        let project = self.free_tier.map_or(project, |credits| project.with_free_tier(credits));
        store.create_project(project).await?;
        // One that was there before is as it was.
        let found = store.project(id).await?.ok_or(CliError::NoProject)?;
        if self.free_tier.is_some() && found.free_tier != self.free_tier {
            let found = found.free_tier;
            let found =
                found.map_or("no free tier".to_owned(), |credits| format!("a free tier of {credits}"));
            return Err(CliError::OtherFreeTier { found });
        }
        terminal.answer(&ProjectRecord::of(&found), |out| out.line(id))?;
        Ok(Answer::Yes)
    }
}

impl ListProjects {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let read = |after, count| store.projects(after, count);
        let print = |out: &mut Terminal, projects: &[Project], is_first| {
            let records: Vec<_> = projects.iter().map(ProjectRecord::of).collect();
            print_records(out, &records, is_first)
        };
        self.page.show(terminal, self.after, |project: &Project| project.id, read, print).await?;
        Ok(Answer::Yes)
    }
}

impl ShowProject {
    async fn run(self, terminal: &mut Terminal) -> Result<Answer, CliError> {
        let store = self.store.open().await?;
        let project = store.project(self.project).await?.ok_or(CliError::NoProject)?;
        let subscribers = store.subscriber_count(self.project).await?;
        print_record(terminal, &ProjectDetails { project: ProjectRecord::of(&project), subscribers })?;
        Ok(Answer::Yes)
    }
}
