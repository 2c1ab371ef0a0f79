//! Servers and proxies that are not a plain PostgreSQL, as they were met in the field.

use std::{
    error::Error as _,
    time::{Duration, Instant},
};

use boostgpt_sso::store::{PostgresOptions, PostgresStore, Store as _, StoreError};

use super::stranger::{DETAIL, Rules, Stranger};
use crate::{
    breaking::{create_project_and_bot, person, visit},
    database::{Database, block_on, master_key, server},
};

/// A stranger before a new database.
async fn before_new_database() -> (Stranger, String) {
    let Database::Server(name) = tokio::task::block_in_place(Database::on_server) else { unreachable!() };
    let stranger = Stranger::start(server().port()).await;
    let url = stranger.url(&name);
    (stranger, url)
}

async fn open(url: &str) -> Result<PostgresStore, StoreError> {
    PostgresStore::connect(url, PostgresOptions::new(), master_key()).await
}

/// A store whose calls end after a second.
async fn open_briefly(url: &str) -> Result<PostgresStore, StoreError> {
    let time = std::time::Duration::from_millis(500);
    let options = PostgresOptions::new().with_acquire_timeout(time).with_statement_timeout(time);
    PostgresStore::connect(url, options, master_key()).await
}

#[test]
fn start_up_options_that_are_refused_are_left_out_whatever_the_code() {
    run(async {
        for (code, text) in [
            ("0A000", "Feature not supported: RDS Proxy currently doesn't support command-line options."),
            ("08P01", "unsupported startup parameter: options"),
            ("22023", "unsupported startup parameter: options"),
            ("42704", "unrecognized configuration parameter"),
            ("XX000", "unsupported startup parameter"),
            ("", "it hangs up"),
        ] {
            let (stranger, url) = before_new_database().await;
            stranger.behave(Rules { options: Some((code, text)), ..Rules::default() });
            let store = open(&url).await.unwrap_or_else(|error| panic!("{code}: {error:?}"));
            create_project_and_bot(&store).await.unwrap();
            visit(&store, &person("ada")).await.unwrap();
        }
    });
}

#[test]
fn a_full_pooler_is_waited_for_and_a_missing_tenant_is_named() {
    run(async {
        let full = ("XX000", "MaxClientsInSessionMode: max clients reached");
        let (stranger, url) = before_new_database().await;
        // Twice: with options and without them.
        stranger.behave(Rules { refuse: Some((4, full.0, full.1)), ..Rules::default() });
        let store = open(&url).await.unwrap();
        create_project_and_bot(&store).await.unwrap();

        stranger.behave(Rules { refuse: Some((12, full.0, full.1)), ..Rules::default() });
        let visits: Vec<_> = (0..40)
            .map(|number| {
                let (store, person) = (store.clone(), person(&format!("p{number}")));
                tokio::spawn(async move { visit(&store, &person).await.map(drop) })
            })
            .collect();
        for visit in visits {
            visit.await.unwrap().unwrap_or_else(|error| panic!("{error:?}"));
        }

        for (code, text, kind) in [
            ("XX000", "Tenant or user not found", "configuration"),
            ("XX000", "tenant does not exist", "configuration"),
            ("XX000", "Unknown tenant", "configuration"),
            ("XX000", "Database Not Found", "configuration"),
            ("XX001", "invalid page in block 7 of relation base/1/1259", "corrupt"),
            ("XX002", "index is damaged", "corrupt"),
        ] {
            let (stranger, url) = before_new_database().await;
            stranger.behave(Rules { refuse: Some((u32::MAX, code, text)), ..Rules::default() });
            let error = open(&url).await.expect_err(text);
            assert_eq!(error.code(), kind, "{error:?}");
            assert!(error.source().unwrap().to_string().contains(text), "{error:?}");
        }
    });
}

#[test]
fn what_one_node_or_connection_says_is_tried_again_and_never_corrupt() {
    run(async {
        let (stranger, url) = before_new_database().await;
        let store = open_briefly(&url).await.unwrap();
        create_project_and_bot(&store).await.unwrap();
        let insert = "INSERT INTO";
        let injected = [
            ("XX000", "failure on connection marked as essential: 10.0.0.1:5432"),
            ("58030", "failed to copy to shard"),
            ("XX000", "tuple concurrently updated"),
            ("57P01", "terminating connection due to administrator command"),
        ];
        for (number, (code, text)) in injected.into_iter().enumerate() {
            stranger.behave(Rules { inject: Some((insert, 1, code, text)), ..Rules::default() });
            visit(&store, &person(&format!("once{number}")))
                .await
                .unwrap_or_else(|error| panic!("{error:?}"));
            stranger.behave(Rules { inject: Some((insert, u32::MAX, code, text)), ..Rules::default() });
            let error = visit(&store, &person(&format!("always{number}"))).await.expect_err(text);
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        }
        for code in ["42P05", "26000"] {
            let inject = |times| Some((insert, times, code, "prepared statement \"s1\" is somebody else's"));
            stranger.behave(Rules::default());
            let options = PostgresOptions::new().with_prepared_statements();
            let prepared = PostgresStore::connect(&url, options, master_key()).await.unwrap();
            // Each connection prepares it once.
            stranger.behave(Rules { inject: inject(1), ..Rules::default() });
            visit(&prepared, &person(&format!("once{code}"))).await.unwrap();
            stranger.behave(Rules::default());
            let options = PostgresOptions::new().with_prepared_statements();
            let prepared = PostgresStore::connect(&url, options, master_key()).await.unwrap();
            stranger.behave(Rules { inject: inject(u32::MAX), ..Rules::default() });
            let error = visit(&prepared, &person(&format!("always{code}"))).await.expect_err("always");
            assert!(matches!(error, StoreError::Configuration(_)), "{error:?}");
            assert!(error.source().unwrap().to_string().contains("prepared_statements"), "{error:?}");
        }
        // What is corrupt is called so, and what an engine does not know is not.
        for (code, kind) in [
            ("XX001", "corrupt"),
            ("XX002", "corrupt"),
            ("42P01", "corrupt"),
            ("42703", "corrupt"),
            ("42P10", "corrupt"),
            ("42804", "corrupt"),
            ("42601", "configuration"),
            ("42883", "configuration"),
            ("42704", "configuration"),
            ("42P18", "configuration"),
        ] {
            stranger.behave(Rules { inject: Some((insert, 1, code, "its words")), ..Rules::default() });
            let error = visit(&store, &person(&format!("broken{code}"))).await.expect_err("refused");
            assert_eq!(error.code(), kind, "{code}: {error:?}");
            assert!(error.source().unwrap().to_string().contains("its words"), "{error:?}");
        }
    });
}

/// What a server says while it stops, starts, fails over or is short of something; whether a call that meets
/// it once succeeds; and the error of one that meets nothing else, with whether that may be repeated.
const STATES: [(&str, bool, &str, bool); 25] = [
    ("08000", true, "unavailable", true),
    ("08006", true, "unavailable", true),
    ("08P01", true, "unavailable", true),
    ("25001", true, "unavailable", true),
    ("25006", true, "read_only", true),
    ("25P02", true, "unavailable", true),
    ("25P03", true, "unavailable", true),
    ("40001", true, "unavailable", true),
    ("40003", true, "unavailable", true),
    ("40P01", true, "unavailable", true),
    ("53000", true, "unavailable", true),
    ("53100", false, "full", true),
    ("53200", true, "unavailable", true),
    ("53300", true, "unavailable", true),
    ("53400", true, "unavailable", true),
    ("55P03", false, "unavailable", true),
    ("57014", false, "unavailable", true),
    ("57P01", true, "unavailable", true),
    ("57P02", true, "unavailable", true),
    ("57P03", true, "unavailable", true),
    ("57P05", true, "unavailable", true),
    ("58000", true, "unavailable", true),
    ("XX000", true, "unavailable", true),
    // No time will change these.
    ("42501", false, "read_only", false),
    ("42P01", false, "corrupt", false),
];

#[test]
fn what_passes_is_tried_again_and_may_be_repeated() {
    run(async {
        let (stranger, url) = before_new_database().await;
        // The one has time for another attempt on a machine that is busy, the other is soon over.
        let (patient, store) = (open(&url).await.unwrap(), open_briefly(&url).await.unwrap());
        create_project_and_bot(&store).await.unwrap();
        for (code, succeeds, name, is_retryable) in STATES {
            let inject = |times| Some(("INSERT INTO", times, code, "said by the stranger"));
            stranger.behave(Rules { inject: inject(1), ..Rules::default() });
            let once = visit(&patient, &person(&format!("once{code}"))).await;
            assert_eq!(once.is_ok(), succeeds, "{code} once: {once:?}");
            stranger.behave(Rules { inject: inject(u32::MAX), ..Rules::default() });
            let error = visit(&store, &person(&format!("always{code}"))).await.expect_err(code);
            assert_eq!((error.code(), error.is_retryable()), (name, is_retryable), "{code}: {error:?}");
            stranger.behave(Rules::default());
            visit(&patient, &person(&format!("after{code}"))).await.unwrap();
        }
        // While a connection is opened.
        for code in ["08006", "53300", "57P01", "57P02", "57P03", "58000", "XX000"] {
            let refuse = |times| Some((times, code, "said by the stranger"));
            stranger.behave(Rules { refuse: refuse(2), ..Rules::default() });
            let opened = open_briefly(&url).await.map(drop);
            assert!(opened.is_ok(), "{code} once: {opened:?}");
            stranger.behave(Rules { refuse: refuse(u32::MAX), ..Rules::default() });
            let error = open_briefly(&url).await.map(drop).expect_err(code);
            assert_eq!((error.code(), error.is_retryable()), ("unavailable", true), "{code}: {error:?}");
        }
    });
}

#[test]
fn a_server_that_is_short_of_memory_is_not_asked_for_new_connections() {
    run(async {
        let (stranger, url) = before_new_database().await;
        let store = open(&url).await.unwrap();
        create_project_and_bot(&store).await.unwrap();
        let before = stranger.opened();
        stranger
            .behave(Rules { inject: Some(("INSERT INTO", 3, "53200", "out of memory")), ..Rules::default() });
        visit(&store, &person("ada")).await.unwrap();
        assert_eq!(stranger.opened(), before);
    });
}

#[test]
fn two_changes_of_one_table_at_once_are_a_conflict_of_migrations() {
    run(async {
        for needle in ["CREATE TABLE", "CREATE SCHEMA", "ALTER TABLE", "of_1 old"] {
            let (stranger, url) = before_new_database().await;
            let inject = Some((needle, 1, "XX000", "tuple concurrently updated"));
            stranger.behave(Rules { inject, ..Rules::default() });
            open(&url).await.unwrap_or_else(|error| panic!("{needle}: {error:?}"));
        }
    });
}

#[test]
fn after_a_failover_no_idle_connection_is_trusted() {
    run(async {
        let (stranger, url) = before_new_database().await;
        let store = open(&url).await.unwrap();
        create_project_and_bot(&store).await.unwrap();
        let visits: Vec<_> = (0..16)
            .map(|number| {
                let (store, person) = (store.clone(), person(&format!("before{number}")));
                tokio::spawn(async move { visit(&store, &person).await.map(drop) })
            })
            .collect();
        for visit in visits {
            visit.await.unwrap().unwrap();
        }
        stranger.demote();
        for number in 0..20 {
            let visited = visit(&store, &person(&format!("after{number}"))).await;
            visited.unwrap_or_else(|error| panic!("visit {number}: {error:?}"));
        }
    });
}

/// Messages of some classes quote values, and details of all classes do.
#[test]
fn what_a_server_says_of_a_value_is_in_no_error() {
    const VALUE: &str = "mozart@wien.example";
    run(async {
        let (stranger, url) = before_new_database().await;
        let options = PostgresOptions::new().with_statement_timeout(Duration::from_millis(400));
        let store = PostgresStore::connect(&url, options, master_key()).await.unwrap();
        create_project_and_bot(&store).await.unwrap();
        let quoting =
            ["21000", "22001", "22021", "22P02", "23502", "23505", "23514", "2F003", "P0001", "HV000"];
        // What helps an operator, and is about the server, the login or the schema.
        let telling =
            ["08006", "25006", "42501", "42703", "53100", "53300", "55P03", "57014", "58030", "XX000"];
        for (code, is_told) in
            quoting.map(|code| (code, false)).into_iter().chain(telling.map(|code| (code, true)))
        {
            stranger
                .behave(Rules { inject: Some(("INSERT INTO", u32::MAX, code, VALUE)), ..Rules::default() });
            let error = visit(&store, &person(&format!("p{code}"))).await.expect_err(code);
            let mut shown = format!("{error} {error:?} {}", error.code());
            let mut source = error.source();
            while let Some(cause) = source {
                shown.push_str(&format!(" {cause} {cause:?}"));
                source = cause.source();
            }
            assert!(shown.contains(code), "{code}: {shown}");
            assert_eq!(shown.contains(VALUE), is_told, "{code}: {shown}");
            assert!(!shown.contains("detail-of-a-value") && !shown.contains(DETAIL), "{code}: {shown}");
        }
    });
}

/// Often enough to meet a moment that is good, and not so often that a server in trouble has more of it.
#[test]
fn attempts_are_made_for_as_long_as_a_statement_may_take_and_ever_less_often() {
    const LIMIT: Duration = Duration::from_millis(1500);
    run(async {
        let (stranger, url) = before_new_database().await;
        let options = PostgresOptions::new().with_statement_timeout(LIMIT).with_acquire_timeout(LIMIT);
        let store = PostgresStore::connect(&url, options, master_key()).await.unwrap();
        create_project_and_bot(&store).await.unwrap();
        // A conflict is over soon; a server that is gone is not.
        for (code, most) in [("40001", 60), ("23505", 60), ("57P01", 25)] {
            stranger.behave(Rules {
                inject: Some(("INSERT INTO", u32::MAX, code, "not now")),
                ..Rules::default()
            });
            let began = Instant::now();
            let error = visit(&store, &person(&format!("p{code}"))).await.expect_err(code);
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
            let (attempts, took) = (u32::MAX - stranger.left(), began.elapsed());
            assert!((5..=most).contains(&attempts), "{code}: {attempts} attempts in {took:?}");
            // The last pause may be the longest, and would have ended later.
            assert!(took > LIMIT / 2 && took < LIMIT * 2, "{code}: {attempts} attempts in {took:?}");
        }
    });
}

/// A pooler that spreads reads asks a standby otherwise, and one that shares connections has another client's
/// statements on them.
#[test]
fn statements_are_for_the_primary_and_have_no_name_unless_asked_for() {
    run(async {
        let (stranger, url) = before_new_database().await;
        for prepares in [false, true] {
            let options = PostgresOptions::new();
            let options = if prepares { options.with_prepared_statements() } else { options };
            let store = PostgresStore::connect(&url, options, master_key()).await.unwrap();
            let before = stranger.parsed().len();
            create_project_and_bot(&store).await.unwrap();
            let ada = visit(&store, &person(&format!("ada{prepares}"))).await.unwrap().provisioned;
            store.subscribers(crate::breaking::project(), None, 9).await.unwrap();
            store.subscriber_count(crate::breaking::project()).await.unwrap();
            store.reseal().await.unwrap();
            store.forget(crate::breaking::project(), ada.subscriber, crate::support::now()).await.unwrap();
            // The library itself asks for the types that it does not know.
            let ours = |text: &String| !text.contains("pg_catalog");
            let parsed: Vec<_> = stranger.parsed().split_off(before).into_iter().filter(ours).collect();
            assert!(parsed.len() > 8, "{parsed:?}");
            for text in parsed {
                let (name, text) = text.split_once('|').unwrap();
                assert!(text.starts_with("/*NO LOAD BALANCE*/ "), "{text}");
                assert_eq!(!name.is_empty(), prepares, "{name}: {text}");
            }
        }
    });
}

/// On a thread that may be blocked.
fn run(test: impl Future<Output = ()> + Send + 'static) {
    block_on(async { tokio::spawn(test).await.unwrap() });
}
