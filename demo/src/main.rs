//! The whole flow in a browser: the dashboard of an agent, a customer's site with its login, the chat widget, and the
//! agent page that knows the visitor.
//!
//! `cargo run --example widget_demo --features full`, then open the address that it prints. `-- --port 9000` chooses
//! the port (0: any free one; the next port is the agent's), `--store postgres://…` another store than an SQLite file in
//! a temporary folder, with its key in `BOOSTGPT_SSO_MASTER_KEY`. `--past` invents two weeks of visits for the chart.

mod boostgpt;
mod customer;
mod html;
mod options;
mod origins;
mod page;
mod random;

use std::{error::Error, sync::Arc};

use axum::serve;
use boostgpt_sso::store::{MasterKey, connect};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = options::Options::from_arguments()?;
    let folder = tempfile::tempdir()?;
    let file = format!("sqlite:{}", folder.path().join("sso.db").display());
    let store = match &options.store {
        Some(address) => connect(address, MasterKey::from_env()?).await?,
        None => connect(&file, MasterKey::generate()?).await?,
    };
    let (site, agent, origins) = origins::listen(options.port).await?;
    boostgpt::create(&*store, origins.bot).await?;
    if options.past {
        boostgpt::past::invent(Arc::clone(&store), origins.bot).await?;
    }
    println!("open {}\n(the agent and its dashboard are at {})", origins.site, origins.boostgpt);

    let site = serve(site, customer::site(origins.clone()));
    let agent = serve(agent, boostgpt::service(store, origins));
    tokio::select! {
        stopped = site.into_future() => stopped?,
        stopped = agent.into_future() => stopped?,
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    Ok(())
}
