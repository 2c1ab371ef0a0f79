//! A standby behind the address, a failover, a runtime that is blocked, hosts that are silent.

use std::time::{Duration, Instant};

use boostgpt_sso::{
    Email,
    store::{
        BoxFuture, Lookup, PostgresOptions, PostgresStore, Store as _, StoreError, SubscriberStore as _,
    },
};
use servers::{Postgres, Proxy};

use crate::{
    breaking::{create_project_and_bot, current_secret, person, provision, visit},
    database::{Database, block_on, master_key, runtime, server},
    support::bot,
};

#[test]
fn a_standby_is_refused_by_the_first_connection_and_by_every_statement_of_a_visit() {
    let primary = Postgres::start(&[]);
    let standby = Postgres::standby_of(&primary);
    block_on(async {
        let options = PostgresOptions::new();
        let on_primary = PostgresStore::connect(&primary.url(), options.clone(), master_key()).await.unwrap();
        create_project_and_bot(&on_primary).await.unwrap();
        let old = current_secret(&on_primary).await;
        visit(&on_primary, &person("ada")).await.unwrap();
        tokio::task::block_in_place(|| {
            let is_there =
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'sso' AND tablename = 'names_of_1'";
            let subscribers = "SELECT count(*) FROM sso.subscribers";
            while standby.psql("sso", is_there) != "0"
                || standby.try_psql("sso", subscribers).as_deref() != Ok("1")
            {
                std::thread::sleep(Duration::from_millis(20));
            }
        });

        let refused = PostgresStore::connect(&standby.url(), options.clone(), master_key()).await;
        let error = refused.map(drop).expect_err("a standby");
        assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");

        // A service's own pool does not ask its connections, so opening does.
        let pool = |url: &str| {
            let manager = deadpool_postgres::Manager::new(url.parse().unwrap(), tokio_postgres::NoTls);
            deadpool_postgres::Pool::builder(manager).max_size(2).build().unwrap()
        };
        let time = Duration::from_millis(500);
        let options = options.without_migrating().with_acquire_timeout(time).with_statement_timeout(time);
        let refused = PostgresStore::with_pool(pool(&standby.url()), options.clone(), master_key()).await;
        let error = refused.map(drop).expect_err("a pool of connections to a standby");
        assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");

        // A pooler that changes servers after the store was opened.
        let proxy = Proxy::start(primary.port());
        let url = format!("{}?sslmode=disable", proxy.url_of("sso"));
        let on_standby = PostgresStore::with_pool(pool(&url), options, master_key()).await.unwrap();
        proxy.lead_to(standby.port());
        proxy.cut_all();
        on_primary.regenerate_secret(bot()).await.unwrap();
        for bot in [bot(), boostgpt_sso::BotId::generate().unwrap()] {
            let error = on_standby.current_secret(bot).await.expect_err("a standby's secret");
            assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
            assert!(error.is_retryable(), "it may be a failover: {error:?}");
        }
        for (label, what) in [("ada", "a returning visit"), ("eve", "a first visit")] {
            let token = boostgpt_sso::Signer::new(&old.secret).sign_at(&person(label), crate::support::now());
            let visitor = old.verifier().verify_at(token.as_str(), crate::support::now()).unwrap();
            let request = boostgpt_sso::store::ProvisionRequest::new(visitor, crate::support::now());
            let error = on_standby.provision(request).await.expect_err(what);
            assert!(
                matches!(&error, boostgpt_sso::store::ProvisionError::Store(StoreError::ReadOnly(_))),
                "{what}: {error:?}"
            );
        }
    });
}

/// For longer than a statement may take: attempts are spread over the whole time of the call.
type Visits = Vec<tokio::task::JoinHandle<Result<(), StoreError>>>;

/// Visits that are under way while something happens to the server.
fn visits_meanwhile(store: &PostgresStore) -> Visits {
    let visit = |number| {
        let (store, person) = (store.clone(), person(&format!("during{number}")));
        tokio::spawn(async move { visit(&store, &person).await.map(drop) })
    };
    (0..20).map(visit).collect()
}

async fn all_identified(visits: Visits) {
    for visit in visits {
        visit.await.unwrap().unwrap_or_else(|error| panic!("{error:?}"));
    }
}

#[test]
fn a_visit_rides_out_a_server_that_is_away_for_a_while() {
    let server = Postgres::start(&[]);
    let proxy = Proxy::start(server.port());
    block_on(async {
        let url = format!("{}?sslmode=disable", proxy.url_of("sso"));
        let options = PostgresOptions::new().with_statement_timeout(Duration::from_secs(1));
        let store = PostgresStore::connect(&url, options, master_key()).await.unwrap();
        create_project_and_bot(&store).await.unwrap();
        visit(&store, &person("ada")).await.unwrap();
        proxy.refuse(true);
        proxy.cut_all();
        let visits = visits_meanwhile(&store);
        tokio::time::sleep(Duration::from_millis(1800)).await;
        proxy.refuse(false);
        all_identified(visits).await;
    });
}

/// The one address of the store leads to the standby before that is the primary.
#[test]
fn a_visit_rides_out_a_promotion_behind_one_address() {
    let primary = Postgres::start(&[]);
    let standby = Postgres::standby_of(&primary);
    let proxy = Proxy::start(primary.port());
    block_on(async {
        let url = format!("{}?sslmode=disable", proxy.url_of("sso"));
        let store = PostgresStore::connect(&url, PostgresOptions::new(), master_key()).await.unwrap();
        create_project_and_bot(&store).await.unwrap();
        tokio::task::block_in_place(|| primary.make_synchronous());
        let before = visit(&store, &person("ada")).await.unwrap();
        tokio::task::block_in_place(|| primary.stop_hard());
        proxy.lead_to(standby.port());
        proxy.cut_all();
        let visits = visits_meanwhile(&store);
        tokio::time::sleep(Duration::from_secs(1)).await;
        tokio::task::block_in_place(|| standby.promote());
        all_identified(visits).await;
        let after = visit(&store, &person("ada")).await.unwrap();
        assert_eq!(after.provisioned.subscriber, before.provisioned.subscriber);
    });
}

#[test]
fn a_store_answers_though_the_runtime_that_opened_it_stands_still() {
    let database = Database::on_server();
    let still = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = still
        .block_on(PostgresStore::connect(&database.address(), PostgresOptions::new(), master_key()))
        .unwrap();
    // Nothing drives `still` from here on.
    let (sender, answered) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let outcome = crate::conforming::block_on(async {
            create_project_and_bot(&store).await?;
            provision(&store, &person("ada")).await
        });
        let _ = sender.send(outcome);
    });
    let outcome = answered.recv_timeout(Duration::from_secs(60)).expect("no answer");
    assert!(outcome.unwrap().created_subscriber);
    drop(still);
}

#[test]
fn a_connect_timeout_in_the_address_leaves_time_for_the_next_host() {
    let silent = Postgres::start(&[]);
    silent.freeze();
    let Database::Server(name) = Database::on_server() else { unreachable!() };
    let (first, next) = (silent.port(), server().port());
    let common = "sslmode=disable&connect_timeout=30";
    let opened = [
        format!("postgres://sso@127.0.0.1:{first},127.0.0.1:{next}/{name}?{common}"),
        format!("postgres://sso@/{name}?{common}&host=127.0.0.1,127.0.0.1&port={first},{next}"),
        format!("postgres:///{name}?{common}&user=sso&hostaddr=127.0.0.1,127.0.0.1&port={first},{next}"),
    ]
    .map(|url| (block_on(PostgresStore::connect(&url, PostgresOptions::new(), master_key())), url));
    silent.thaw();
    for (opened, url) in opened {
        opened.map(drop).unwrap_or_else(|error| panic!("{url}: {error:?}"));
    }
}

#[test]
fn reports_that_wait_leave_connections_to_visits() {
    const POOL: usize = 4;
    let database = Database::on_server();
    let store = {
        let options =
            PostgresOptions::new().with_pool_size(POOL).with_acquire_timeout(Duration::from_secs(2));
        block_on(PostgresStore::connect(&database.address(), options, master_key())).unwrap()
    };
    block_on(async {
        create_project_and_bot(&store).await.unwrap();
        let ada = visit(&store, &person("ada")).await.unwrap().provisioned.subscriber;
        let (other, connection) =
            tokio_postgres::connect(&database.address(), tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        other.batch_execute("BEGIN; LOCK TABLE sso.visits IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let day = crate::support::now().date();
        let project = crate::breaking::project();
        let spawn = |report: BoxFuture<'static, Result<(), StoreError>>| runtime().spawn(report);
        let mut reports: Vec<_> = (0..16)
            .map(|_| {
                let store = store.clone();
                spawn(Box::pin(async move { store.activity(project, day, day).await.map(drop) }))
            })
            .collect();
        database.until_waiting(1).await;
        // Whatever may be long waits for its turn, on this engine as on the other.
        let behind = |store: PostgresStore| -> [BoxFuture<'static, Result<(), StoreError>>; 6] {
            let [a, b, c, d, e, f] = std::array::from_fn(|_| store.clone());
            [
                Box::pin(async move { a.projects(None, 1).await.map(drop) }),
                Box::pin(async move { b.bots(project, None, 1).await.map(drop) }),
                Box::pin(async move { c.subscribers(project, None, 1).await.map(drop) }),
                Box::pin(async move { d.subscriber_count(project).await.map(drop) }),
                Box::pin(async move { e.active_subscribers(project, day, day).await.map(drop) }),
                Box::pin(async move {
                    let ada = Email::new("ada@example.com").unwrap();
                    f.subscribers_by_email(ada).await.map(drop)
                }),
            ]
        };
        reports.extend(behind(store.clone()).map(spawn));
        tokio::time::sleep(Duration::from_millis(100)).await;
        let Database::Server(name) = &database else { unreachable!() };
        let at_work = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND state = 'active'
            AND application_name = 'boostgpt-sso'"
        );
        let at_work = tokio::task::block_in_place(|| server().psql("postgres", &at_work));
        assert_eq!(at_work, "1", "reports at once");
        let began = Instant::now();
        for number in 0..50 {
            let visited = visit(&store, &person("ada")).await;
            visited.unwrap_or_else(|error| panic!("visit {number} beside 22 reports: {error:?}"));
        }
        assert!(store.project(project).await.unwrap().is_some());
        assert!(store.bot(bot()).await.unwrap().is_some());
        assert!(store.subscriber(project, Lookup::Id(ada)).await.unwrap().is_some());
        assert!(reports.iter().all(|report| !report.is_finished()), "{:?}: no report waits", began.elapsed());
        other.batch_execute("COMMIT").await.unwrap();
        for report in reports {
            report.await.unwrap().unwrap_or_else(|error| panic!("a report: {error:?}"));
        }
        drop(other);
        connection.await.unwrap().unwrap();
    });
}
