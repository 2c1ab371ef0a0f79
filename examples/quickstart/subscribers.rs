//! Subscribers: the visits of one person, on the `PostgreSQL` of `DATABASE_URL` or else on an `SQLite` file.

use std::{
    env,
    error::Error,
    io::{self, Write},
};

use boostgpt_sso::{
    Authenticator, BotId, Identity, ProjectId, Signer, Visitor,
    store::{MasterKey, Project, Store, connect},
    time::OffsetDateTime,
};

#[tokio::main]
pub(crate) async fn show() -> Result<(), Box<dyn Error>> {
    let folder = temp_dir::TempDir::new()?;
    let file = format!("sqlite:{}", folder.path().join("sso.db").display());
    let given = env::var("DATABASE_URL").ok().filter(|_| cfg!(feature = "postgres"));
    let embedded = if cfg!(feature = "sqlite") { &file } else { "memory:" };
    let address = given.as_deref().unwrap_or(embedded);
    let store = connect(address, MasterKey::from_bytes([7; 32])).await?; // a service: MasterKey::from_env()
    let authenticator = Authenticator::new(store.clone());

    // BoostGPT: a project with a free tier, an agent, its secret.
    let (project, bot) = (ProjectId::generate()?, BotId::generate()?);
    store.create_project(Project::new(project).with_free_tier(100)).await?;
    store.create_bot(project, bot).await?;
    let secret = store.regenerate_secret(bot).await?;
    let kind = address.split(':').next().unwrap_or_default(); // the rest may have a password in it
    writeln!(io::stdout(), "\nstore       {kind}\nproject     {project}, free tier 100 credits")?;
    writeln!(io::stdout(), "bot         {bot}, secret {} (shown once)", secret.expose_secret())?;

    // The customer's back end signs; the agent page presents.
    let signer = Signer::new(&secret).for_bot(bot);
    let ada = Identity::new("ada@example.com")?.with_name("Ada Lovelace")?.with_external_id("42")?;
    let moved = Identity::new("ada@lovelace.example")?.with_external_id("42")?;
    for (what, user) in [("first", &ada), ("second", &ada), ("new e-mail", &moved)] {
        let token = signer.sign(user);
        let Visitor::Identified(session) = authenticator.authenticate(bot, &token).await? else {
            return Err("not identified".into());
        };
        let (account, subscriber) =
            (session.provisioned.created_account, session.provisioned.created_subscriber);
        writeln!(
            io::stdout(),
            "{what:<11} subscriber {}; new account: {account}, new subscriber: {subscriber}, granted: {}",
            session.provisioned.subscriber,
            session.provisioned.granted.unwrap_or(0)
        )?;
    }
    let old = signer.sign(&ada);
    store.regenerate_secret(bot).await?;
    if let Visitor::Anonymous(reason) = authenticator.authenticate(bot, &old).await? {
        writeln!(io::stdout(), "regenerated the old token is anonymous: {}", reason.code())?;
    }

    let today = OffsetDateTime::now_utc().date();
    let day = store.activity(project, today, today).await?;
    let subscribers = store.subscribers(project, None, 10).await?;
    let (active, new) = day.first().map_or((0, 0), |day| (day.active, day.new));
    let (count, granted) = (subscribers.len(), subscribers.iter().filter_map(|one| one.granted).sum::<u32>());
    writeln!(
        io::stdout(),
        "summary     subscribers: {count}, active today: {active}, new: {new}, granted: {granted}"
    )?;
    Ok(())
}
