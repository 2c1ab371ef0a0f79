//! Migrations: a filled database of schema 1, stores that are not to migrate, and the time they may take.

use std::time::Duration;

use boostgpt_sso::{
    BotId, Identity, ProjectId, SecretVersion, Signer, SsoSecret,
    store::{
        Lookup, PostgresOptions, PostgresStore, ProvisionError, ProvisionRequest, Provisioned, Store as _,
        StoreError, SubscriberStore as _,
    },
};
use hmac::{Hmac, KeyInit as _, Mac as _};

use super::{
    contents::{all, places},
    stranger::{Rules, Stranger},
};
use crate::{
    breaking::project,
    database::{Database, block_on, master_key, server},
    support::{NOW, OTHER_BOT, bot, now},
};

const OTHER: [u8; 16] = [0x51; 16];
const NAME_KEY: [u8; 32] = [5; 32];
const GONE: [u8; 16] = [0xee; 16];

/// A hash as schema 1 had it.
fn old_hash(kind: u8, text: &str) -> [u8; 16] {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&NAME_KEY).unwrap();
    mac.update(&[kind]);
    mac.update(text.as_bytes());
    mac.finalize().into_bytes()[..16].try_into().unwrap()
}

fn secret() -> SsoSecret {
    crate::support::SECRET.parse().unwrap()
}

/// A database as the first version made and filled it: Ada in both projects; Bob, who changed his address;
/// Eve, who was forgotten in the first project and is in the other.
fn schema_1() -> Database {
    let database = Database::on_server();
    let Database::Server(name) = &database else { unreachable!() };
    let first = PostgresStore::migrations("sso").unwrap().remove(0);
    server().psql(name, &format!("CREATE SCHEMA sso; {}", first.sql));
    let id = |bytes: &[u8; 16]| database.id(bytes);
    let (p, q) = (id(project().as_bytes()), id(&OTHER));
    let sealed = master_key().seal(b"hash key of forgotten names", &NAME_KEY).unwrap();
    let mut sql = format!(
        "INSERT INTO sso.projects VALUES ({p}, 100), ({q}, NULL);
        INSERT INTO sso.hash_key VALUES (1, {}, {});",
        database.bytes(&sealed.key.0),
        database.bytes(&sealed.bytes)
    );
    for (bot, project) in [(bot(), &p), (OTHER_BOT.parse::<BotId>().unwrap(), &q)] {
        let mut version = [0; 16];
        version[15] = 3;
        let sealed = master_key().seal_secret(bot, SecretVersion::from_bytes(version), &secret()).unwrap();
        sql += &format!(
            "INSERT INTO sso.bots VALUES ({}, {project}, 3, {}, {});",
            id(bot.as_bytes()),
            database.bytes(&sealed.key.0),
            database.bytes(&sealed.bytes)
        );
    }
    // Address of the account, verified by, subscribers: project, number, address now, external id.
    type Person<'a> = (&'a str, u8, &'a [(&'a String, u8, &'a str, &'a str)]);
    let people: [Person<'_>; 3] = [
        ("ada@example.com", 1, &[(&p, 0xa1, "ada@example.com", "ada"), (&q, 0xa2, "Ada@example.com", "ada")]),
        ("bob@old.example", 2, &[(&p, 0xb1, "bob@new.example", "bob")]),
        ("eve@example.com", 3, &[(&q, 0xe2, "eve@example.com", "eve")]),
    ];
    for (address, number, subscribers) in people {
        let (account, hash) = (id(&[number; 16]), id(&old_hash(0, address)));
        sql += &format!(
            "INSERT INTO sso.accounts VALUES ({hash}, {account}, '{address}', {p}, {NOW}, {});",
            subscribers.len()
        );
        for (project, number, now, external_id) in subscribers {
            let subscriber = id(&[*number; 16]);
            let names = [old_hash(0, &now.to_lowercase()), old_hash(1, external_id)].map(|hash| id(&hash));
            sql += &format!(
                "INSERT INTO sso.subscribers VALUES ({project}, {subscriber}, {account}, {hash}, 4, '{now}',
                    'Name', '{external_id}', {NOW}, '2026-11-20', '2026-11-22');
                INSERT INTO sso.names VALUES
                    ({project}, {}, {subscriber}, NULL), ({project}, {}, {subscriber}, NULL);
                INSERT INTO sso.visits VALUES ({project}, '2026-11-20', {subscriber}, TRUE);
                INSERT INTO sso.grants VALUES ({project}, {account}, 100, {NOW});",
                names[0], names[1]
            );
        }
    }
    let (old, gone) = (id(&old_hash(0, "bob@old.example")), id(&GONE));
    let forgotten = [old_hash(0, "eve@example.com"), old_hash(1, "eve")].map(|hash| id(&hash));
    sql += &format!(
        "INSERT INTO sso.names VALUES ({p}, {old}, NULL, NULL), ({p}, {}, NULL, {}), ({p}, {}, NULL, {});
        INSERT INTO sso.past_addresses VALUES ({p}, {}, {old});
        INSERT INTO sso.grants VALUES ({p}, {}, 100, {NOW});
        INSERT INTO sso.visits VALUES ({p}, '2026-11-20', {gone}, TRUE), ({p}, '2026-11-21', {gone}, FALSE)",
        forgotten[0],
        NOW - 10,
        forgotten[1],
        NOW - 10,
        id(&[0xb1; 16]),
        id(&[3; 16]),
    );
    server().psql(name, &sql);
    database
}

async fn visit(
    store: &PostgresStore,
    bot: BotId,
    address: &str,
    id: &str,
) -> Result<Provisioned, ProvisionError> {
    let current = store.current_secret(bot).await.unwrap().into_secret().unwrap();
    assert!(current.secret == secret());
    let identity = Identity::new(address).unwrap().with_external_id(id).unwrap();
    let token = Signer::new(&current.secret).sign_at(&identity, now());
    let visitor = current.verifier().verify_at(token.as_str(), now()).unwrap();
    store.provision(ProvisionRequest::new(visitor, now())).await
}

async fn open(url: &str) -> Result<PostgresStore, StoreError> {
    PostgresStore::connect(url, PostgresOptions::new(), master_key()).await
}

/// All that the old database said is known to the new one, and what it kept of the forgotten is not.
async fn is_migrated(database: &Database, store: &PostgresStore) {
    let other_bot: BotId = OTHER_BOT.parse().unwrap();
    let rows = tokio::task::block_in_place(|| all(database));
    for (kind, text) in [(0, "ada@example.com"), (0, "eve@example.com"), (1, "eve"), (0, "bob@old.example")] {
        let old = hex::encode(old_hash(kind, text));
        assert_eq!(places(&rows, &old).len(), 0, "{text}: {:?}", places(&rows, &old));
    }
    assert_eq!(places(&rows, &hex::encode(GONE)).len(), 0, "the visits of the forgotten have their id");
    let number = |sql: &str| tokio::task::block_in_place(|| database.number(sql));
    assert_eq!(number("SELECT count(*) FROM sso_visits"), 6);
    assert_eq!(number("SELECT count(DISTINCT subscriber_id) FROM sso_visits"), 5);
    assert_eq!(number("SELECT count(*) FROM sso_grants"), 4, "the grant of the forgotten");
    assert_eq!(number("SELECT count(*) FROM sso_accounts WHERE verified_by IS NULL"), 1, "Eve's");
    assert_eq!(number("SELECT count(*) FROM sso_names"), 11);
    let twice =
        "SELECT count(*) FROM (SELECT name_hash FROM sso_names UNION ALL SELECT email_hash FROM sso_accounts)
        AS hash GROUP BY name_hash HAVING count(*) > 1";
    assert_eq!(tokio::task::block_in_place(|| database.text(twice)), "", "a hash in two places");

    let ada = visit(store, bot(), "ada@example.com", "ada").await.unwrap();
    assert_eq!((ada.subscriber.as_bytes(), ada.created_subscriber), (&[0xa1; 16], false));
    let ada_there = visit(store, other_bot, "ada@example.com", "").await.unwrap();
    assert_eq!((ada_there.subscriber.as_bytes(), ada_there.account), (&[0xa2; 16], ada.account));
    assert!(matches!(visit(store, bot(), "eve@example.com", "").await, Err(ProvisionError::Forgotten)));
    assert!(matches!(visit(store, bot(), "new@example.com", "eve").await, Err(ProvisionError::Forgotten)));
    assert_eq!(
        visit(store, other_bot, "eve@example.com", "").await.unwrap().subscriber.as_bytes(),
        &[0xe2; 16]
    );
    // A new subscriber finds the account by its new hash.
    let bob_there = visit(store, other_bot, "bob@old.example", "").await.unwrap();
    assert!(bob_there.created_subscriber && !bob_there.created_account);
    let bob = store.subscriber(project(), Lookup::ExternalId("bob")).await.unwrap().unwrap();
    assert!(store.forget(project(), bob.id, now()).await.unwrap());
    assert!(matches!(visit(store, bot(), "bob@old.example", "").await, Err(ProvisionError::Forgotten)));
    assert!(store.forget(ProjectId::from_bytes(OTHER), bob_there.subscriber, now()).await.unwrap());
    assert_eq!(number("SELECT count(*) FROM sso_accounts"), 2);
    store.regenerate_secret(bot()).await.unwrap();
}

#[test]
fn a_filled_database_of_schema_1_is_migrated_by_two_processes_at_once() {
    let database = schema_1();
    block_on(async {
        let url = database.address();
        let (one, two, three) = tokio::join!(open(&url), open(&url), open(&url));
        let store = one.unwrap();
        for opened in [two, three] {
            opened.unwrap();
        }
        is_migrated(&database, &store).await;
        open(&url).await.unwrap();
    });
}

/// Tables are copied in pages of 2000 rows.
#[test]
fn a_migration_copies_every_page() {
    const ROWS: usize = 4100;
    let database = schema_1();
    let Database::Server(name) = &database else { unreachable!() };
    let (p, b) = (database.id(project().as_bytes()), database.id(&[0xb1; 16]));
    let address = |number: usize| format!("gone-{number}@example.com");
    let mut hashes: Vec<_> = (0..ROWS).map(|number| (old_hash(0, &address(number)), number)).collect();
    hashes.sort_unstable();
    let names: Vec<_> = hashes.iter().map(|(hash, _)| format!("({})", database.id(hash))).collect();
    // Of each: a forgotten name, a past address, an account, its subscriber, and a visit of a forgotten one.
    server().psql(
        name,
        &format!(
            "CREATE TEMP TABLE old (hash uuid, id uuid DEFAULT gen_random_uuid());
            INSERT INTO old (hash) VALUES {};
            INSERT INTO sso.names SELECT {p}, hash, NULL, {} FROM old;
            INSERT INTO sso.past_addresses SELECT {p}, {b}, hash FROM old;
            INSERT INTO sso.accounts SELECT hash, id, id || '@example.com', {p}, {NOW}, 1 FROM old;
            INSERT INTO sso.subscribers SELECT {p}, id, id, hash, 4, NULL, NULL, 'x' || id, {NOW},
                '2026-11-20', '2026-11-22' FROM old;
            INSERT INTO sso.visits SELECT {p}, '2026-11-20', hash, TRUE FROM old",
            names.join(", "),
            NOW - 10
        ),
    );
    let tables = ["names", "past_addresses", "accounts", "subscribers", "visits"];
    let count = |table| database.number(&format!("SELECT count(*) FROM sso_{table}"));
    let before = tables.map(count);
    assert!(before.iter().all(|rows| *rows > 4000), "{before:?}");
    let store = block_on(open(&database.address())).unwrap();
    assert_eq!(tables.map(count), before);
    let left = "SELECT count(*) FROM sso_subscribers s WHERE NOT EXISTS
        (SELECT 1 FROM sso_accounts a WHERE a.email_hash = s.account_hash AND a.id = s.account_id)";
    assert_eq!(database.number(left), 0, "the account of a subscriber is found by its new hash");
    for (hash, number) in [hashes.first(), hashes.get(ROWS / 2), hashes.last()].into_iter().flatten() {
        for table in ["names", "past_addresses"] {
            let old = format!("SELECT count(*) FROM sso_{table} WHERE name_hash = {}", database.id(hash));
            assert_eq!(database.number(&old), 0, "{table} has an old hash");
        }
        let of_visit = format!("SELECT count(*) FROM sso_visits WHERE subscriber_id = {}", database.id(hash));
        assert_eq!(database.number(&of_visit), 0, "a visit has the id of a forgotten subscriber");
        let refused = block_on(visit(&store, bot(), &address(*number), ""));
        assert!(matches!(refused, Err(ProvisionError::Forgotten)), "{number}: {refused:?}");
    }
}

#[test]
fn a_migration_that_ended_anywhere_is_begun_again() {
    let steps = [
        "past_addresses_of_1 old",
        "names_of_1 old",
        "accounts_of_1 old",
        "account_hash = page",
        "visits v SET",
        "DROP TABLE",
        "ADD COLUMN revision",
    ];
    for step in steps {
        let database = schema_1();
        let Database::Server(name) = &database else { unreachable!() };
        block_on(async {
            let stranger = Stranger::start(server().port()).await;
            let inject = Some((step, 1, "XX001", "the end"));
            stranger.behave(Rules { inject, ..Rules::default() });
            open(&stranger.url(name)).await.map(drop).expect_err(step);
            let store = open(&stranger.url(name)).await.unwrap();
            is_migrated(&database, &store).await;
        });
    }
}

#[test]
fn a_store_that_is_not_to_migrate_says_which_version_is_needed() {
    let open = |database: &Database| {
        let options = PostgresOptions::new().without_migrating();
        block_on(PostgresStore::connect(&database.address(), options, master_key()))
    };
    let empty = Database::on_server();
    let error = open(&empty).map(drop).expect_err("no tables");
    assert!(matches!(error, StoreError::OutdatedSchema { found: 0, needed: 4 }), "{error:?}");
    assert_eq!(error.code(), "outdated_schema");
    assert_eq!(empty.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'sso'"), 0);
    let old = schema_1();
    let error = open(&old).map(drop).expect_err("old tables");
    assert!(matches!(error, StoreError::OutdatedSchema { found: 1, needed: 4 }), "{error:?}");
    assert_eq!(old.number("SELECT max(version) FROM sso_migrations"), 1);
    block_on(old.connect()).unwrap();
    open(&old).unwrap();
}

#[test]
fn migrations_have_a_time_limit_of_their_own() {
    let short = Duration::from_millis(400);
    let options = PostgresOptions::new().with_statement_timeout(short);
    // Another process reads a table while that is to be changed, or keeps one that is only read to be copied.
    let changed = "SELECT count(*) FROM sso.bots";
    let copied = "LOCK TABLE sso.visits";
    let long = Duration::from_secs(30);
    for (lock, limit, opens) in [(changed, short, false), (changed, long, true), (copied, long, true)] {
        let database = schema_1();
        block_on(async {
            let (other, connection) =
                tokio_postgres::connect(&database.address(), tokio_postgres::NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            other.batch_execute(&format!("BEGIN; {lock}")).await.unwrap();
            let options = options.clone().with_migration_timeout(limit);
            let (url, key) = (database.address(), master_key());
            let opening =
                tokio::spawn(async move { PostgresStore::connect(&url, options, key).await.map(drop) });
            tokio::time::sleep(Duration::from_secs(2)).await;
            other.batch_execute("COMMIT").await.unwrap();
            let opened = opening.await.unwrap();
            assert_eq!(opened.is_ok(), opens, "{lock}, {limit:?}: {opened:?}");
            drop(other);
            connection.await.unwrap().unwrap();
        });
    }
}
