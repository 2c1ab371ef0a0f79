//! Files that are locked, of a newer schema, or no database at all.

use std::{fs, time::Instant};

use rusqlite::Connection;

use super::*;

#[test]
fn a_locked_file_is_waited_for_named_and_works_afterwards() {
    let place = Database::file();
    let path = place.path();
    let fresh = place.folder().join("fresh.db");
    runtime().block_on(async {
        let store = furnished(&path).await;
        let ada = visit(&store, &person("ada")).await.unwrap();
        let lock = |path: &Path| {
            let other = Connection::open(path).unwrap();
            other.execute_batch("BEGIN EXCLUSIVE").unwrap();
            other
        };
        // The one has the log of an open store, the other none yet: there, even reading waits.
        let (other, other_fresh) = (lock(&path), lock(&fresh));
        // Readers are not in its way: this is answered while the lock is held.
        let returning = visit(&store, &person("ada")).await.unwrap();
        assert_eq!(returning.provisioned.subscriber, ada.provisioned.subscriber);
        let started = Instant::now();
        let bob = person("bob");
        let (visited, opened) = tokio::join!(visit(&store, &bob), open(&fresh));
        for error in [visited.expect_err("it is locked"), opened.map(drop).expect_err("it is locked")] {
            assert!(matches!(error, StoreError::Unavailable(_)), "{error}: {error:?}");
            assert!(error.is_retryable());
        }
        assert!(started.elapsed() > Duration::from_secs(4), "it was not waited for");

        drop((other, other_fresh));
        assert!(visit(&store, &person("bob")).await.unwrap().provisioned.created_subscriber);
        furnished(&fresh).await;
        // A lock that goes in time is not even noticed.
        let other = lock(&path);
        let release = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(500));
            drop(other);
        });
        assert!(visit(&store, &person("eve")).await.unwrap().provisioned.created_subscriber);
        release.await.unwrap();
        close(store, &path);
    });
    assert_eq!(check::sound(&Database::at(&path)), check::Rows::of(3));
}

#[test]
fn a_newer_schema_is_left_alone() {
    let place = Database::file();
    let path = place.path();
    close(block_on(furnished(&path)), &path);
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("INSERT INTO sso_migrations (version, applied_at) VALUES (999, '')").unwrap();
    match block_on(open(&path)) {
        Err(StoreError::NewerSchema { found: 999, known }) => assert!(known < 999),
        other => panic!("{other:?}"),
    }
    connection.execute_batch("DELETE FROM sso_migrations WHERE version = 999").unwrap();
    block_on(async { visit(&open(&path).await.unwrap(), &person("ada")).await.unwrap() });
}

#[test]
fn what_is_no_database_is_refused_and_left_as_it_is() {
    let place = Database::file();
    let path = place.path();
    let page = [&b"SQLite format 3\0"[..], &[0xff; 4080]].concat();
    for garbage in [&b"garbage, and enough of it to fill a header ".repeat(100)[..], &[0; 8192], &page] {
        fs::write(&path, garbage).unwrap();
        let error = block_on(open(&path)).expect_err("garbage");
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}: {error:?}");
        assert!(fs::read(&path).unwrap() == garbage, "it was written to");
    }
    fs::remove_file(&path).unwrap();
    let nowhere =
        [(place.folder(), "failed"), (place.folder().join("no/such/folder/sso.db"), "configuration")];
    for (nowhere, code) in nowhere {
        let error = block_on(open(&nowhere)).expect_err("no file can be there");
        assert_eq!(error.code(), code, "{error:?}");
        assert!(std::error::Error::source(&error).is_some());
    }
    // Somebody else's database is fine: our tables stand beside theirs.
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
        .unwrap();
    close(block_on(furnished(&path)), &path);
    assert_eq!(Database::at(&path).number("SELECT count(*) FROM theirs"), 1);
}
