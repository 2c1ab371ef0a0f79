//! After a subscriber is forgotten, no byte of an SQLite database tells who it was.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use boostgpt_sso::{
    AnonymousReason, Authenticator, BotId, Identity, ProjectId, Session, Signer, SsoSecret, Visitor,
    store::{MasterKey, MemoryStore, Project, SqliteStore, Store},
};

use crate::support::{NOW, at};

async fn bot_of(store: &impl Store) -> (ProjectId, BotId, SsoSecret) {
    let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
    store.create_project(Project::new(project).with_free_tier(25)).await.unwrap();
    store.create_bot(project, bot).await.unwrap();
    let secret = store.regenerate_secret(bot).await.unwrap();
    (project, bot, secret)
}

async fn visit(
    store: &(impl Store + Clone + 'static),
    bot: BotId,
    secret: &SsoSecret,
    user: &Identity,
    now: i64,
) -> Session {
    let token = Signer::new(secret).sign_at(user, at(now));
    match Authenticator::new(store.clone()).authenticate_at(bot, &token, at(now)).await.unwrap() {
        Visitor::Identified(session) => session,
        Visitor::Anonymous(reason) => panic!("anonymous: {reason}"),
    }
}

fn user(email: &str, external_id: &str) -> Identity {
    let plain = Identity::new(email).unwrap().with_name("Wolfgang Amadeus").unwrap();
    plain.with_external_id(external_id).unwrap()
}

/// How often the bytes are in the database's files.
fn found(path: &Path, bytes: &[u8]) -> usize {
    let files =
        ["", "-wal", "-shm"].map(|end| fs::read(format!("{}{end}", path.display())).unwrap_or_default());
    files.iter().map(|file| file.windows(bytes.len()).filter(|window| *window == bytes).count()).sum()
}

#[tokio::test]
async fn nothing_in_the_files_tells_who_was_forgotten() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let store = SqliteStore::open(&path, MasterKey::from_bytes([7; 32])).await.unwrap();
    let (project, bot, secret) = bot_of(&store).await;
    // Neighbours, so that the texts are not on pages of their own.
    for number in 0..50 {
        visit(&store, bot, &secret, &user(&format!("p{number}@example.com"), &format!("id-{number}")), NOW)
            .await;
    }
    let named = |email| user(email, "kunde-4711").with_name("Johannes Chrysostomus").unwrap();
    let first = visit(&store, bot, &secret, &named("wolfgang@salzburg.example"), NOW - 86_400).await;
    let moved = visit(&store, bot, &secret, &named("mozart@wien.example"), NOW).await;
    let id = first.provisioned.subscriber;
    assert_eq!(id, moved.provisioned.subscriber);
    let texts = ["wolfgang@salzburg", "mozart@wien", "kunde-4711", "Johannes", "Chrysostomus"];
    // What an operator may do, and what then has samples of addresses and ids.
    let operator = rusqlite::Connection::open(&path).unwrap();
    operator
        .execute_batch(
            "ANALYZE;
            INSERT INTO sqlite_stat4 (tbl, idx, neq, nlt, ndlt, sample)
            SELECT tbl, idx, neq, nlt, ndlt, CAST('kunde-4711' AS BLOB) FROM sqlite_stat4
            WHERE tbl = 'sso_subscribers' LIMIT 1",
        )
        .unwrap();
    let samples = "SELECT count(*) FROM sqlite_stat4 WHERE instr(sample, CAST('kunde-4711' AS BLOB)) > 0";
    assert!(operator.query_row(samples, [], |row| row.get::<_, i64>(0)).unwrap() > 0, "there were samples");
    drop(operator);
    for text in texts {
        assert!(found(&path, text.as_bytes()) > 0, "{text} was there");
    }
    let before = store.active_subscribers(project, at(NOW - 86_400).date(), at(NOW).date()).await.unwrap();

    assert!(store.forget(project, id, at(NOW)).await.unwrap());
    for open in [true, false] {
        for text in texts {
            assert_eq!(found(&path, text.as_bytes()), 0, "{text} is left (store open: {open})");
        }
        let account = first.provisioned.account;
        assert_eq!(found(&path, id.as_bytes()), 0, "the subscriber's id is left (store open: {open})");
        assert_eq!(found(&path, account.as_bytes()), 0, "the account's id is left (store open: {open})");
        if open {
            let after =
                store.active_subscribers(project, at(NOW - 86_400).date(), at(NOW).date()).await.unwrap();
            assert_eq!(after, before, "past visits stay counted");
        }
    }
}

/// Two people behind one address, one after the other: two subscribers of one account.
#[tokio::test]
async fn a_shared_account_loses_the_address_with_the_subscriber_who_has_it() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let store = SqliteStore::open(&path, MasterKey::from_bytes([7; 32])).await.unwrap();
    let (project, bot, secret) = bot_of(&store).await;
    let holder = visit(&store, bot, &secret, &user("office@salzburg.example", "one"), NOW).await.provisioned;
    let other = visit(&store, bot, &secret, &user("office@salzburg.example", "two"), NOW).await.provisioned;
    assert_eq!(holder.account, other.account);
    store.forget(project, holder.subscriber, at(NOW)).await.unwrap();
    assert_eq!(found(&path, b"office@salzburg"), 0);
    let kept =
        store.subscriber(project, boostgpt_sso::store::Lookup::Id(other.subscriber)).await.unwrap().unwrap();
    assert_eq!((kept.account, kept.granted), (other.account, Some(25)), "the other keeps account and grant");

    // Another project's subscriber who has the address keeps it for the account.
    let (project, bot, secret) = bot_of(&store).await;
    let (there, there_bot, there_secret) = bot_of(&store).await;
    let here = visit(&store, bot, &secret, &user("anna@salzburg.example", "one"), NOW).await.provisioned;
    visit(&store, there_bot, &there_secret, &user("anna@salzburg.example", "one"), NOW).await;
    store.forget(project, here.subscriber, at(NOW)).await.unwrap();
    assert!(found(&path, b"anna@salzburg") > 0);
    let again =
        visit(&store, bot, &secret, &user("anna@salzburg.example", "new"), NOW + 100).await.provisioned;
    assert_eq!((again.account, again.created_account, again.granted), (here.account, false, None));
    let _ = there;
}

/// A report of another process, for instance. Its end is waited for, 5 s at most; then the next erasure
/// empties the log, or the last process that closes the file.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_beside_a_long_read_ends_and_the_log_is_emptied_later() {
    let erase = async |closes: bool| {
        let folder = temp_dir::TempDir::new().unwrap();
        let path = folder.path().join("sso.db");
        let store = SqliteStore::open(&path, MasterKey::from_bytes([7; 32])).await.unwrap();
        let (project, bot, secret) = bot_of(&store).await;
        let erased = visit(&store, bot, &secret, &user("wolfgang@salzburg.example", "one"), NOW).await;
        let next = visit(&store, bot, &secret, &user("anna@linz.example", "two"), NOW).await;
        let reader = rusqlite::Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM sso_subscribers").unwrap();

        let began = Instant::now();
        let forgotten = store.forget(project, erased.provisioned.subscriber, at(NOW));
        let forgotten = tokio::time::timeout(Duration::from_secs(30), forgotten).await;
        assert!(forgotten.expect("it waits for the reader").unwrap(), "the subscriber is erased");
        assert!(began.elapsed() >= Duration::from_secs(4), "it did not wait: {:?}", began.elapsed());
        assert!(found(&path, b"wolfgang@salzburg") > 0, "the log has what the reader may still read");
        drop(reader);
        if closes {
            drop(store);
            let log = path.with_extension("db-wal");
            for _ in 0..1000 {
                if !log.exists() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        } else {
            assert!(store.forget(project, next.provisioned.subscriber, at(NOW)).await.unwrap());
        }
        assert_eq!(found(&path, b"wolfgang@salzburg"), 0, "closes: {closes}");
    };
    tokio::join!(erase(false), erase(true));
}

/// The clocks of two processes differ: an erasure as of an earlier moment leaves the line where it was.
#[tokio::test]
async fn the_line_of_an_erasure_never_moves_back() {
    let folder = temp_dir::TempDir::new().unwrap();
    let file = SqliteStore::open(folder.path().join("sso.db"), MasterKey::from_bytes([7; 32])).await.unwrap();
    for store in [Arc::new(file) as Arc<dyn Store>, Arc::new(MemoryStore::new())] {
        let (project, bot, secret) = bot_of(&store).await;
        let anna = user("anna@salzburg.example", "one");
        let first = visit(&store, bot, &secret, &anna, NOW).await.provisioned;
        store.forget(project, first.subscriber, at(NOW + 1000)).await.unwrap();
        let second = visit(&store, bot, &secret, &anna, NOW + 1100).await.provisioned;
        assert!(second.created_subscriber);
        store.forget(project, second.subscriber, at(NOW + 100)).await.unwrap();

        for email_and_id in [("anna@salzburg.example", "two"), ("other@salzburg.example", "one")] {
            let between = Signer::new(&secret).sign_at(&user(email_and_id.0, email_and_id.1), at(NOW + 900));
            let authenticator = Authenticator::new(Arc::clone(&store));
            let visitor = authenticator.authenticate_at(bot, &between, at(NOW + 1200)).await.unwrap();
            let is_forgotten = matches!(visitor, Visitor::Anonymous(AnonymousReason::Forgotten));
            assert!(is_forgotten, "{visitor:?}");
        }
        assert!(visit(&store, bot, &secret, &anna, NOW + 1100).await.provisioned.created_subscriber);
    }
}
