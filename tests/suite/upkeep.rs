//! What an operator does to an SQLite store: rotate its master key while processes go on, update a filled
//! database, keep its lock.

use boostgpt_sso::{
    AnonymousReason, Authenticator, BotId, Identity, ProjectId, SecretVersion, Session, Signer, SsoSecret,
    Visitor,
    store::{MasterKey, NameKey, Project, SqliteStore, Store as _, SubscriberStore as _},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::support::{NOW, ada, at};

async fn visit(store: &SqliteStore, bot: BotId, secret: &SsoSecret, now: i64) -> Visitor {
    let token = Signer::new(secret).sign_at(&ada(), at(now));
    Authenticator::new(store.clone())
        .authenticate_at(bot, &token, at(now))
        .await
        .expect("no error at any moment")
}

#[track_caller]
fn identified(visitor: Visitor) -> Session {
    match visitor {
        Visitor::Identified(session) => session,
        Visitor::Anonymous(reason) => panic!("anonymous: {reason}"),
    }
}

/// Three processes, restarted one after the other at each step of the documentation's order.
#[tokio::test]
async fn a_master_key_is_rotated_without_an_error_at_any_moment() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let [old, new] = [[1; 32], [2; 32]];
    let first = MasterKey::from_bytes(old);
    let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
    let mut processes = Vec::new();
    for _ in 0..3 {
        processes.push(SqliteStore::open(&path, first.clone()).await.unwrap());
    }
    processes[0].create_project(Project::new(project)).await.unwrap();
    processes[0].create_bot(project, bot).await.unwrap();
    let steps = [
        (MasterKey::from_bytes(old).with_previous(new), false),
        (MasterKey::from_bytes(new).with_previous(old), true),
        (MasterKey::from_bytes(new), false),
    ];
    for (key, reseals) in steps {
        for restarted in 0..3 {
            processes[restarted] = SqliteStore::open(&path, key.clone()).await.unwrap();
            // Whichever process regenerates, all of them go on.
            for regenerating in 0..3 {
                let secret = processes[regenerating].regenerate_secret(bot).await.unwrap();
                for process in &processes {
                    identified(visit(process, bot, &secret, NOW).await);
                }
            }
        }
        if reseals {
            processes[0].reseal().await.unwrap();
            assert_eq!(processes[1].reseal().await.unwrap(), 0, "it may be repeated");
        }
    }
    // The old key opens nothing any more.
    assert_eq!(SqliteStore::open(&path, first).await.map(drop).unwrap_err().code(), "sealing");
}

/// Schema 1 had numbers for versions, and hashes of names without a project in them.
#[tokio::test]
async fn a_filled_database_of_schema_1_is_updated() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let key = MasterKey::from_bytes([7; 32]);
    let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
    let secret = SsoSecret::generate().unwrap();
    let mut version = [0; 16];
    version[15] = 9;
    let sealed = key.seal_secret(bot, SecretVersion::from_bytes(version), &secret).unwrap();
    let names = NameKey::generate(&key).unwrap();
    let raw = key.open(b"hash key of forgotten names", &names).unwrap();
    let hash = |kind: u8, name: &str| {
        let hmac = Hmac::<Sha256>::new_from_slice(&raw).unwrap().chain_update([kind]).chain_update(name);
        hmac.finalize().into_bytes().to_vec()
    };
    let (account, subscriber) = ([3_u8; 16], [4_u8; 16]);
    let day = at(NOW).to_julian_day();
    {
        let old = rusqlite::Connection::open(&path).unwrap();
        old.execute_batch(
            "CREATE TABLE sso_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT;
            INSERT INTO sso_migrations (version, applied_at) VALUES (1, '');",
        )
        .unwrap();
        old.execute_batch(&SqliteStore::migrations()[0].sql).unwrap();
        let run =
            |sql: &str, values: &[&dyn rusqlite::ToSql]| assert_eq!(old.execute(sql, values).unwrap(), 1);
        let project = project.as_bytes();
        run("INSERT INTO sso_projects VALUES (?1, 100)", &[project]);
        let bot_id = bot.as_bytes();
        run(
            "INSERT INTO sso_bots VALUES (?1, ?2, 9, ?3, ?4)",
            &[bot_id, project, &sealed.key.0, &sealed.bytes],
        );
        run("INSERT INTO sso_hash_key VALUES (1, ?1, ?2)", &[&names.key.0, &names.bytes]);
        run("INSERT INTO sso_accounts VALUES (?1, 'grace@example.com', ?2, ?3)", &[&account, project, &NOW]);
        run(
            "INSERT INTO sso_subscribers
            VALUES (?1, ?2, ?3, 'grace@example.com', 'grace@example.com', 'Grace', '43', ?4, ?5, ?5)",
            &[project, &subscriber, &account, &NOW, &day],
        );
        run("INSERT INTO sso_grants VALUES (?1, ?2, 100, ?3)", &[project, &account, &NOW]);
        run("INSERT INTO sso_visits VALUES (?1, ?2, ?3, 1)", &[project, &day, &subscriber]);
        // An erased subscriber, whose account another project has; schema 1 did not overwrite their name.
        run("INSERT INTO sso_accounts VALUES (?1, 'ada@example.com', ?2, ?3)", &[&[5; 16], project, &NOW]);
        run("INSERT INTO sso_grants VALUES (?1, ?2, 100, ?3)", &[project, &[5; 16], &NOW]);
        for day in [day - 1, day] {
            run("INSERT INTO sso_visits VALUES (?1, ?2, ?3, 0)", &[project, &day, &ERASED]);
        }
        run(
            "INSERT INTO sso_subscribers
            VALUES (?1, ?2, ?3, 'ada@example.com', 'ada@example.com', NULL, NULL, ?4, ?5, ?5)",
            &[&[9; 16], &[6; 16], &[5; 16], &NOW, &day],
        );
        run("INSERT INTO sso_forgotten VALUES (?1, ?2, ?3)", &[project, &hash(0, "ada@example.com"), &NOW]);
        run(
            "INSERT INTO sso_past_addresses VALUES (?1, ?2, ?3)",
            &[project, &subscriber, &hash(0, "hopper@example.com")],
        );
        run(
            "INSERT INTO sso_subscribers
            VALUES (?1, ?2, ?3, 'ada@a.example', 'ada@a.example', 'Augusta Ada', '42', ?4, ?5, ?5)",
            &[project, &ERASED, &[5; 16], &NOW, &day],
        );
        run("DELETE FROM sso_subscribers WHERE id = ?1", &[&ERASED]);
    }
    assert!(found(&path, b"Augusta Ada") && found(&path, &ERASED), "schema 1 has left nothing to clean");
    let store = SqliteStore::open(&path, key).await.unwrap();
    // Nothing names who was erased, and their visits are still those of one person.
    assert!(!found(&path, b"Augusta Ada") && !found(&path, &ERASED));
    {
        let new = rusqlite::Connection::open(&path).unwrap();
        let number = |sql: &str| new.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(number("SELECT count(*) FROM sso_grants"), 1);
        assert_eq!(number("SELECT count(*) FROM sso_accounts WHERE verified_by IS NULL"), 1);
        assert_eq!(number("SELECT count(DISTINCT subscriber_id) FROM sso_visits"), 2);
        assert_eq!(number("SELECT count(*) FROM sso_visits"), 3);
    }
    // The secret is the same, and its version an id.
    let current = store.current_secret(bot).await.unwrap().into_secret().unwrap();
    assert!(current.secret == secret && current.version == SecretVersion::from_bytes(version));
    // The forgotten are known again.
    let forgotten = visit(&store, bot, &secret, NOW).await;
    assert!(matches!(forgotten, Visitor::Anonymous(AnonymousReason::Forgotten)), "{forgotten:?}");
    // Subscribers are who they were.
    let token = |email: &str, now| {
        let grace = Identity::new(email).unwrap().with_external_id("43").unwrap();
        Signer::new(&secret).sign_at(&grace, at(now))
    };
    let authenticator = Authenticator::new(store.clone());
    let grace = authenticator.authenticate_at(bot, token("grace@example.com", NOW), at(NOW)).await.unwrap();
    let grace = identified(grace).provisioned;
    assert_eq!((grace.subscriber.as_bytes(), grace.created_subscriber), (&subscriber, false));
    // A past address of schema 1 is forgotten with its subscriber.
    assert!(store.forget(project, grace.subscriber, at(NOW)).await.unwrap());
    let hopper = Signer::new(&secret).sign_at(&Identity::new("hopper@example.com").unwrap(), at(NOW));
    let hopper = authenticator.authenticate_at(bot, &hopper, at(NOW)).await.unwrap();
    assert!(matches!(hopper, Visitor::Anonymous(AnonymousReason::Forgotten)), "{hopper:?}");
    assert_eq!(store.active_subscribers(project, at(NOW).date(), at(NOW).date()).await.unwrap(), 2);
}

/// A subscriber who was erased under schema 1.
const ERASED: [u8; 16] = [0xe5; 16];

/// Whether the database's files have these bytes.
fn found(path: &std::path::Path, bytes: &[u8]) -> bool {
    ["", "-wal"].iter().any(|end| {
        let file = std::fs::read(format!("{}{end}", path.display())).unwrap_or_default();
        file.windows(bytes.len()).any(|window| window == bytes)
    })
}

/// A store in this file, with a bot, its secret, and one subscriber.
async fn with_one_subscriber(path: &std::path::Path) -> (SqliteStore, BotId, SsoSecret) {
    let store = SqliteStore::open(path, MasterKey::from_bytes([7; 32])).await.unwrap();
    let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
    store.create_project(Project::new(project)).await.unwrap();
    store.create_bot(project, bot).await.unwrap();
    let secret = store.regenerate_secret(bot).await.unwrap();
    identified(visit(&store, bot, &secret, NOW).await);
    (store, bot, secret)
}

/// Another process takes the write lock again and again: a call that waits behind many others does not wait
/// for all of their turns.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_taken_again_and_again_is_waited_for_once() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let (store, bot, secret) = with_one_subscriber(&path).await;
    let is_over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let other = std::thread::spawn({
        let is_over = std::sync::Arc::clone(&is_over);
        move || {
            let other = rusqlite::Connection::open(&path).unwrap();
            other.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
            while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                other.execute_batch("BEGIN IMMEDIATE").unwrap();
                std::thread::sleep(std::time::Duration::from_secs(2));
                other.execute_batch("ROLLBACK").unwrap();
                // Longer than SQLite sleeps between two attempts.
                std::thread::sleep(std::time::Duration::from_millis(250));
            }
        }
    });
    let authenticator = std::sync::Arc::new(Authenticator::new(store));
    let visits: Vec<_> = (0..3000)
        .map(|number| {
            let user = Identity::new(&format!("p{number}@example.com")).unwrap();
            let token = Signer::new(&secret).sign_at(&user, at(NOW));
            let authenticator = std::sync::Arc::clone(&authenticator);
            tokio::spawn(async move {
                let begun = std::time::Instant::now();
                let visitor = authenticator.authenticate_at(bot, &token, at(NOW)).await;
                (visitor, begun.elapsed())
            })
        })
        .collect();
    let (mut created, mut late) = (0, 0);
    for visit in visits {
        match visit.await.unwrap() {
            (Ok(visitor), _) => created += u32::from(matches!(visitor, Visitor::Identified(_))),
            (Err(error), waited) => {
                assert_eq!(error.code(), "unavailable");
                // 5 s, and what the machine does besides; with turns of 2 s each it was 24.
                assert!(waited.as_secs() < 12, "{waited:?}");
                late += 1;
            }
        }
    }
    is_over.store(true, std::sync::atomic::Ordering::SeqCst);
    other.join().unwrap();
    assert!(created > 0, "{created} created, {late} late");
    assert_eq!(created + late, 3000);
}

/// Another process keeps the write lock: every call that waits for it fails in the time that one call may
/// wait, returning visitors are not among them, and all is well afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_another_process_is_waited_for_once() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let (store, bot, secret) = with_one_subscriber(&path).await;
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let started = std::time::Instant::now();
    let authenticator = std::sync::Arc::new(Authenticator::new(store.clone()));
    let first_visits: Vec<_> = (0..1500)
        .map(|number| {
            let user = Identity::new(&format!("p{number}@example.com")).unwrap();
            let token = Signer::new(&secret).sign_at(&user, at(NOW));
            let authenticator = std::sync::Arc::clone(&authenticator);
            tokio::spawn(async move { authenticator.authenticate_at(bot, &token, at(NOW)).await })
        })
        .collect();
    identified(visit(&store, bot, &secret, NOW).await);
    assert!(started.elapsed().as_secs() < 4, "a returning visitor waited for the writer");
    for visit in first_visits {
        assert_eq!(visit.await.unwrap().unwrap_err().code(), "unavailable");
    }
    // One wait of five seconds, and not one after the other.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    other.execute_batch("ROLLBACK").unwrap();
    let user = Identity::new("grace@example.com").unwrap();
    let token = Signer::new(&secret).sign_at(&user, at(NOW));
    identified(authenticator.authenticate_at(bot, &token, at(NOW)).await.unwrap());
}
