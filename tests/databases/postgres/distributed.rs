//! A database that is distributed by project. PostgreSQL's partitions take the place of the shards: each has
//! counters of its own, and a statement reads one only if it has to. That shows what is asked, not that a
//! planner can tell before it asks: the texts of the statements show that. Citus itself is not in the
//! registries.

use std::{collections::BTreeSet, sync::Arc, thread, time::Duration as Pause};

use boostgpt_sso::{
    BotId, Identity, ProjectId, Signer,
    store::{
        PostgresOptions, PostgresStore, Project, ProvisionRequest, Provisioned, Store as _,
        SubscriberStore as _, conformance,
    },
    time::{Duration, OffsetDateTime},
};
use servers::Postgres;

use crate::{
    database::{block_on, master_key},
    postgres::portable::statements,
    support::now,
};

/// The tables whose primary keys begin with the project.
const DISTRIBUTED: [&str; 5] = ["subscribers", "names", "past_addresses", "grants", "visits"];
const SHARDS: u32 = 4;
const PROJECTS: u8 = 6;

fn connect(server: &Postgres) -> PostgresStore {
    block_on(PostgresStore::connect(&server.url(), PostgresOptions::new(), master_key())).unwrap()
}

/// A server whose tables are distributed, still empty.
fn distributed_server() -> Postgres {
    let server = Postgres::start(&[("autovacuum", "off")]);
    close(connect(&server), &server);
    for table in DISTRIBUTED {
        server.psql(
            "sso",
            &format!(
                "ALTER TABLE sso.{table} RENAME TO whole;
                CREATE TABLE sso.{table} (LIKE sso.whole INCLUDING ALL) PARTITION BY HASH (project_id);
                DROP TABLE sso.whole"
            ),
        );
        for shard in 0..SHARDS {
            server.psql(
                "sso",
                &format!(
                    "CREATE TABLE sso.{table}_{shard} PARTITION OF sso.{table}
                    FOR VALUES WITH (MODULUS {SHARDS}, REMAINDER {shard})"
                ),
            );
        }
    }
    server
}

/// Waits until the store's connections have ended: only then has the server counted all that they did.
fn close(store: PostgresStore, server: &Postgres) {
    drop(store);
    let left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boostgpt-sso'";
    while server.psql("sso", left) != "0" {
        thread::sleep(Pause::from_millis(10));
    }
}

/// The tables and shards that were read or written since the last reset.
fn touched(server: &Postgres) -> BTreeSet<String> {
    let names = server.psql(
        "sso",
        "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'sso'
            AND coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del > 0",
    );
    names.lines().map(str::to_owned).collect()
}

/// What a piece of work touches, through a store of its own.
fn touched_by(server: &Postgres, work: impl FnOnce(&PostgresStore)) -> BTreeSet<String> {
    // Opening one reads tables too, of another kind.
    let store = connect(server);
    server.psql("sso", "SELECT pg_stat_reset()");
    work(&store);
    close(store, server);
    touched(server)
}

/// The numbers of the shards.
fn shards(touched: &BTreeSet<String>) -> BTreeSet<u32> {
    touched.iter().filter_map(|name| name.rsplit_once('_')?.1.parse().ok()).collect()
}

fn visit(store: &PostgresStore, bot: BotId, who: &Identity, at: OffsetDateTime) -> Provisioned {
    block_on(async {
        let current = store.current_secret(bot).await.unwrap().into_secret().unwrap();
        let token = Signer::new(&current.secret).sign_at(who, at);
        let visitor = current.verifier().verify_at(token.as_str(), at).unwrap();
        store.provision(ProvisionRequest::new(visitor, at)).await.unwrap()
    })
}

fn who(address: &str, id: &str) -> Identity {
    Identity::new(address).unwrap().with_name("Ada").unwrap().with_external_id(id).unwrap()
}

#[test]
fn a_visit_and_an_erasure_ask_one_shard_and_a_returning_visit_no_account() {
    let server = distributed_server();
    let mut used = BTreeSet::new();
    for number in 1..=PROJECTS {
        let (project, bot) = (ProjectId::from_bytes([number; 16]), BotId::from_bytes([0x40 + number; 16]));
        let store = connect(&server);
        block_on(async {
            store.create_project(Project::new(project).with_free_tier(100)).await.unwrap();
            store.create_bot(project, bot).await.unwrap();
            store.regenerate_secret(bot).await.unwrap();
        });
        close(store, &server);

        let (old, new) = (who("ada@example.com", "7"), who("ada@new.example", "7"));
        let mut subscriber = None;
        let first = touched_by(&server, |store| {
            subscriber = Some(visit(store, bot, &old, now()).subscriber);
        });
        let returning = touched_by(&server, |store| {
            assert!(!visit(store, bot, &old, now()).created_subscriber);
        });
        let later = touched_by(&server, |store| {
            for (identity, days) in [(&new, 1), (&old, 2), (&old, 3)] {
                visit(store, bot, identity, now() + Duration::days(days));
            }
        });
        let erased = touched_by(&server, |store| {
            assert!(block_on(store.forget(project, subscriber.unwrap(), now())).unwrap());
        });

        for touched in [&first, &returning, &later, &erased] {
            assert_eq!(shards(touched).len(), 1, "project {number}: {touched:?}");
            assert_eq!(shards(touched), shards(&first), "project {number}: {touched:?}");
        }
        let reads = returning.iter().any(|name| name.starts_with("subscribers_"));
        assert!(reads, "the watch is blind: {returning:?}");
        assert!(!returning.contains("accounts"), "{returning:?}");
        assert!(first.contains("accounts"), "the watch is blind: {first:?}");
        used.extend(shards(&first));
    }
    assert!(used.len() > 1, "all projects are on one shard: {used:?}");
    // Without the project, a statement asks them all.
    server.psql("sso", "SELECT pg_stat_reset()");
    server.psql(
        "sso",
        "SELECT count(*) FROM sso.names WHERE name_hash = '00000000-0000-0000-0000-000000000000'",
    );
    thread::sleep(Pause::from_millis(50));
    assert_eq!(shards(&touched(&server)).len(), SHARDS as usize);
}

/// The words of a statement; parentheses and commas are words too.
fn words(sql: &str) -> Vec<String> {
    let spaced = ["(", ")", ","].iter().fold(sql.to_owned(), |text, it| text.replace(it, &format!(" {it} ")));
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// How often a statement names a distributed table, and the mentions that do not name the project by that
/// parameter: in the first column that is inserted, or in a condition before the parenthesis ends.
fn mentions(sql: &str, parameter: &str) -> (usize, Vec<String>) {
    let (words, mut count, mut unbound) = (words(sql), 0, Vec::new());
    for (at, word) in words.iter().enumerate() {
        if !word.strip_prefix("sso.").is_some_and(|table| DISTRIBUTED.contains(&table)) {
            continue;
        }
        count += 1;
        let rest = &words[at + 1..];
        let is_bound = if words[at - 1] == "INTO" {
            let end = rest.iter().position(|word| word == ")").unwrap_or(0);
            rest.starts_with(&["(", "project_id", ","].map(str::to_owned))
                && rest[end + 1..].starts_with(&["SELECT", parameter, ","].map(str::to_owned))
        } else {
            let alias = rest.first().filter(|word| word.chars().all(|c| c.is_ascii_lowercase()));
            let column = alias.map_or("project_id".to_owned(), |alias| format!("{alias}.project_id"));
            let mut depth = 0;
            let until_it_ends = rest.iter().take_while(|word| {
                depth += i32::from(*word == "(") - i32::from(*word == ")");
                depth >= 0
            });
            let scope: Vec<&str> = until_it_ends.map(String::as_str).collect();
            scope.windows(3).any(|three| *three == [column.as_str(), "=", parameter])
        };
        if !is_bound {
            unbound.push(format!("{word} in: {sql}"));
        }
    }
    (count, unbound)
}

#[test]
fn every_statement_of_a_visit_and_an_erasure_names_the_project_for_each_distributed_table() {
    let mut count = 0;
    for statement in statements() {
        let sql = statement.sql.as_str();
        let parameter = if statement.file.ends_with("postgres/provision.rs") {
            if sql.trim_start().starts_with("SELECT") { "$4" } else { "$3" }
        } else if statement.file.ends_with("postgres/forget.rs") {
            "$1"
        } else {
            continue;
        };
        // An account is in several projects, and so are those who have it.
        if sql.contains("SET account_hash = $10") {
            continue;
        }
        let (mentioned, unbound) = mentions(sql, parameter);
        assert!(unbound.is_empty(), "{}: not bound to {parameter}: {unbound:#?}", statement.file);
        count += mentioned;
    }
    assert!(count >= 22, "only {count} mentions of a distributed table: the scan is broken");
}

/// What a database that is distributed had to ask every node for.
#[test]
fn a_statement_that_takes_the_project_from_another_table_is_noticed() {
    let is_noticed = |sql| mentions(sql, "$4").1.len() == 1;
    for sql in [
        "SELECT 1 FROM sso.bots b LEFT JOIN sso.names en ON en.project_id = b.project_id AND b.id = $1",
        "SELECT 1 FROM sso.names en LEFT JOIN sso.subscribers e ON e.project_id = $4 AND e.id = $1",
        "INSERT INTO sso.visits (project_id, day) SELECT place.project_id, $5 FROM place WHERE id = $4",
        "INSERT INTO sso.visits (day, project_id) SELECT $4, $5 FROM place",
        "UPDATE sso.subscribers s SET revision = 1 FROM place WHERE s.project_id = place.project_id",
        "WITH gone AS (DELETE FROM sso.grants WHERE account_id = $1) SELECT 1 WHERE project_id = $4",
        "SELECT 1 FROM sso.names n WHERE n.project_id = $3",
    ] {
        assert!(is_noticed(sql), "{sql}");
    }
}

#[test]
fn the_conformance_suite_passes_where_the_tables_are_distributed() {
    let server = distributed_server();
    block_on(conformance::store(Arc::new(connect(&server))));
}
