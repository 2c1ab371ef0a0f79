//! A BoostGPT service on PostgreSQL: `DATABASE_URL=postgres://… cargo run --example postgres --features
//! postgres`.
//!
//! Without a server at hand: `scripts/with-postgres cargo run --example postgres --features postgres`.

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use boostgpt_sso::{
    Authenticator, BotId, Identity, ProjectId, Signer, Visitor,
    store::{MasterKey, PostgresOptions, PostgresStore, Project, Store},
};

// The errors of the crate are returned: their `Debug` form is their text, with the cause.
#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Ok(url) = env::var("DATABASE_URL") else {
        writeln!(io::stderr(), "DATABASE_URL is not set: postgres://USER@HOST/DATABASE")?;
        return Ok(ExitCode::FAILURE);
    };
    let options = PostgresOptions::new()
        .with_schema("sso_example")
        .with_pool_size(8)
        .with_prepared_statements() // there is no proxy in between
        .with_acquire_timeout(Duration::from_secs(1))
        .with_statement_timeout(Duration::from_secs(2));
    // A service: MasterKey::from_env(). This one is everyone's, so that the example runs twice on one
    // database.
    let store = PostgresStore::connect(&url, options, MasterKey::from_bytes([7; 32])).await?;
    let authenticator = Arc::new(Authenticator::new(store.clone()));

    let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
    store.create_project(Project::new(project).with_free_tier(100)).await?;
    store.create_bot(project, bot).await?;
    let signer = Signer::new(&store.regenerate_secret(bot).await?).for_bot(bot);

    // A hundred page loads of ten people at once: each is created by one of their page loads, and found by
    // the others.
    let mut visits = Vec::new();
    for number in 0..100 {
        let user = Identity::new(&format!("person{}@example.com", number % 10))?;
        let (authenticator, token) = (Arc::clone(&authenticator), signer.sign(&user));
        visits.push(tokio::spawn(async move { authenticator.authenticate(bot, &token).await }));
    }
    let (mut created, mut found) = (0, 0);
    for visit in visits {
        match visit.await? {
            Ok(Visitor::Identified(session)) if session.provisioned.created_subscriber => created += 1,
            Ok(Visitor::Identified(_)) => found += 1,
            Ok(Visitor::Anonymous(reason)) => writeln!(io::stdout(), "anonymous: {}", reason.code())?,
            // The database is slow or gone: neither identified nor anonymous. Answer 503, and let the page
            // try again.
            Err(error) if error.is_retryable() => writeln!(io::stdout(), "try again: {error}")?,
            Err(error) => return Err(error.into()),
        }
    }
    writeln!(io::stdout(), "subscribers created: {created}, found again: {found}")?;
    Ok(ExitCode::SUCCESS)
}
