//! A service that keeps visitors in tables of its own: `cargo run --example custom_store --features
//! sqlite,conformance`.
//!
//! `tables.rs` has the service's tables and the two methods that a page load needs. `fixture.rs` is for the
//! service's tests: it lets the conformance suite create, regenerate and erase in the service's own way.

use std::{
    error::Error,
    io::{self, Write},
};

use boostgpt_sso::{
    Authenticator, BotId, Identity, ProjectId, Signer, Visitor,
    store::{
        MasterKey, Project,
        conformance::{self, Fixture},
    },
};
use rusqlite::Connection;

mod fixture;
mod tables;

use tables::Tables;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A service: a file, and MasterKey::from_env().
    let tables = Tables::new(Connection::open_in_memory()?, MasterKey::generate()?)?;

    // In a service this is a test of its own. It panics at the first promise that the tables break.
    conformance::subscriber_store(&tables).await;
    writeln!(io::stdout(), "conformance: passed")?;

    let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
    tables.create_project(Project::new(project).with_free_tier(100)).await?;
    tables.create_bot(project, bot).await?;
    let signer = Signer::new(&tables.regenerate_secret(bot).await?);
    let token = signer.sign(&Identity::new("ada@example.com")?.with_name("Ada Lovelace")?);

    let authenticator = Authenticator::new(tables);
    for visit in ["first", "second"] {
        match authenticator.authenticate(bot, &token).await? {
            Visitor::Identified(session) => {
                let granted = session.provisioned.granted.unwrap_or(0);
                writeln!(io::stdout(), "{visit} visit: identified, {granted} credits granted")?;
            }
            Visitor::Anonymous(reason) => return Err(reason.code().into()),
        }
    }
    Ok(())
}
