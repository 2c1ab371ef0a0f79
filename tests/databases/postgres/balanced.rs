//! pgpool-II that sends reads to a standby, which lags.

use std::time::Duration;

use boostgpt_sso::{
    Authenticator, Signer, Visitor,
    store::{PostgresOptions, PostgresStore, Store as _},
};
use servers::{Pgpool, Postgres};

use crate::{
    breaking::{create_project_and_bot, current_secret, person, project},
    database::{block_on, master_key},
    support::{bot, now},
};

/// All reads that may be moved go to the standby.
const BALANCES: [(&str, &str); 3] =
    [("load_balance_mode", "on"), ("backend_weight0", "0"), ("backend_weight1", "1")];

struct Balanced {
    primary: Postgres,
    standby: Postgres,
}

impl Balanced {
    fn start() -> Self {
        let primary = Postgres::start(&[]);
        let standby = Postgres::standby_of(&primary);
        Self { primary, standby }
    }

    fn pool(&self) -> Pgpool {
        Pgpool::start(&[&self.primary, &self.standby], &BALANCES)
    }
}

fn options() -> PostgresOptions {
    let time = Duration::from_secs(2);
    PostgresOptions::new().with_pool_size(4).with_acquire_timeout(time).with_statement_timeout(time)
}

#[test]
fn no_read_of_a_visit_is_moved_to_a_standby() {
    let servers = Balanced::start();
    // It lags from before the first table on: a read that was moved there would fail.
    servers.standby.replay(false);
    for prepares in [false, true] {
        let name = format!("prepared: {prepares}");
        let pool = servers.pool();
        block_on(async {
            let options = if prepares { options().with_prepared_statements() } else { options() };
            let url = format!("{}?sslmode=disable", pool.url_of("sso"));
            let opened = PostgresStore::connect(&url, options, master_key()).await;
            let store = opened.unwrap_or_else(|error| panic!("{name}: {error:?}\n{}", pool.log_tail()));
            create_project_and_bot(&store).await.unwrap();
            let authenticator = Authenticator::new(store.clone());
            let mut old = Vec::new();
            for _ in 0..5 {
                let current = current_secret(&store).await.secret;
                for label in ["ada", "eve"] {
                    let token = Signer::new(&current).sign_at(&person(label), now());
                    let visitor = authenticator.authenticate_at(bot(), token.as_str(), now()).await.unwrap();
                    assert!(matches!(visitor, Visitor::Identified(_)), "{name}: {visitor:?}");
                }
                for stale in &old {
                    let token = Signer::new(stale).sign_at(&person("ada"), now());
                    for authenticator in [&authenticator, &Authenticator::new(store.clone())] {
                        let visitor =
                            authenticator.authenticate_at(bot(), token.as_str(), now()).await.unwrap();
                        assert!(matches!(visitor, Visitor::Anonymous(_)), "{name}: a revoked secret");
                    }
                }
                old.push(current);
                store.regenerate_secret(bot()).await.unwrap();
            }
            // What a dashboard does.
            assert_eq!(store.subscriber_count(project()).await.unwrap(), 2, "{name}");
            assert_eq!(store.subscribers(project(), None, 10).await.unwrap().len(), 2, "{name}");
            assert!(store.bot(bot()).await.unwrap().is_some(), "{name}");
            forget_all(&store).await;
        });
        drop(pool);
        servers.primary.psql("sso", "DROP SCHEMA sso CASCADE");
    }
}

async fn forget_all(store: &PostgresStore) {
    for known in store.subscribers(project(), None, 10).await.unwrap() {
        assert!(store.forget(project(), known.id, now()).await.unwrap());
    }
}

/// Or the test above would show nothing. (A read of a visit that is moved nevertheless is refused: see
/// `standby`.)
#[test]
fn plain_reads_are_moved_and_marked_ones_are_not() {
    let servers = Balanced::start();
    let pool = servers.pool();
    block_on(async {
        let url = format!("{}?sslmode=disable", pool.url_of("sso"));
        let (raw, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let plain = "SELECT current_setting('transaction_read_only') AS read_only";
        let mut modes = Vec::new();
        for comment in ["", "/*NO LOAD BALANCE*/ "] {
            let row = raw.query_one(&format!("{comment}{plain}"), &[]).await.unwrap();
            modes.push(row.get::<_, String>(0));
        }
        assert_eq!(modes, ["on", "off"], "pgpool-II does not move plain reads, or moves marked ones");
        drop(raw);
        connection.await.unwrap().unwrap();
    });
}
