//! The whole flow in a browser: the dashboard of an agent, a customer's site with its login, the chat widget,
//! and the agent page that knows the visitor.
//!
//! `cargo run -p boostgpt-sso-demo --bin widget-demo`, then open the address that it prints. `-- --help`
//! lists the options.

mod boostgpt;
mod clock;
mod customer;
mod flash;
mod html;
mod options;
mod origins;
mod page;
mod random;
mod start;

use std::{error::Error, process::ExitCode, sync::Arc};

use axum::serve;
use boostgpt_sso::store::{MasterKey, connect};

#[tokio::main]
async fn main() -> ExitCode {
    start::end(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let options = options::Options::from_arguments()?;
    let (site, agent, origins) = origins::listen(options.port, options.embedder).await?;
    let folder = tempfile::tempdir()?;
    let file = format!("sqlite:{}", folder.path().join("sso.db").display());
    let store = match &options.store {
        Some(address) => connect(address, MasterKey::from_env()?).await?,
        None => connect(&file, MasterKey::generate()?).await?,
    };
    boostgpt::create(&*store, origins.bot).await?;
    if options.past {
        boostgpt::past::invent(Arc::clone(&store), origins.bot, options.clock.now()).await?;
    }
    start::say(format!("open {}\n(the agent and its dashboard are at {})", origins.site, origins.boostgpt));

    let site = serve(site, customer::site(origins.clone(), options.clock.clone()));
    let agent = serve(agent, boostgpt::service(store, origins, options.clock));
    tokio::select! {
        stopped = site.into_future() => stopped?,
        stopped = agent.into_future() => stopped?,
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    Ok(())
}
