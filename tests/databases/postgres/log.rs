//! What the libraries below write to the log, at its most verbose: no parameter of a statement.

use std::sync::{Mutex, PoisonError};

use boostgpt_sso::{
    Identity,
    store::{Lookup, PostgresOptions, PostgresStore, Store as _},
};

use crate::{
    breaking::{create_project_and_bot, project, visit},
    database::{Database, block_on, master_key},
    support::bot,
};

struct Log(Mutex<Vec<String>>);

static LOG: Log = Log(Mutex::new(Vec::new()));

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}", record.target(), record.args());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn flush(&self) {}
}

#[test]
fn no_log_shows_a_claim_or_a_secret() {
    log::set_logger(&LOG).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let database = Database::on_server();
    let person = Identity::new("zaphod.beeblebrox@magrathea.example").unwrap();
    let person = person.with_name("Zarquon").unwrap().with_external_id("vogsphere-42").unwrap();
    block_on(async {
        for options in [PostgresOptions::new(), PostgresOptions::new().with_prepared_statements()] {
            let url = database.address();
            let store = PostgresStore::connect(&url, options, master_key()).await.unwrap();
            create_project_and_bot(&store).await.unwrap();
            let session = visit(&store, &person).await.unwrap();
            store.subscriber(project(), Lookup::Email(person.email())).await.unwrap().unwrap();
            let now = boostgpt_sso::time::OffsetDateTime::now_utc();
            assert!(
                store
                    .forget(
                        project(),
                        session.provisioned.subscriber,
                        now - boostgpt_sso::time::Duration::DAY * 900
                    )
                    .await
                    .unwrap()
            );
            store.remove_secret(bot()).await.unwrap();
        }
    });
    log::set_max_level(log::LevelFilter::Off);
    let lines = LOG.0.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(
        lines.iter().any(|line| line.contains("with parameters")),
        "no parameters were logged: listen elsewhere"
    );
    for claim in ["zaphod", "magrathea", "Zarquon", "vogsphere"] {
        let shown = lines.iter().find(|line| line.to_lowercase().contains(&claim.to_lowercase()));
        assert!(shown.is_none(), "{shown:?}");
    }
}
