//! Stores by address, databases opened by many at once, and what a DBA can read.

use std::sync::{Arc, Barrier};

use boostgpt_sso::{
    ProjectId,
    store::{MasterKey, Project, SqliteStore, Store as _, StoreError, connect},
};

fn key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

#[tokio::test]
async fn a_store_is_chosen_by_its_address() {
    let folder = temp_dir::TempDir::new().unwrap();
    let file = format!("sqlite:{}", folder.path().join("sso.db").display());
    let project = Project::new(ProjectId::generate().unwrap()).with_free_tier(7);
    for (address, is_kept) in [("memory:", false), ("sqlite::memory:", false), (&file[..], true)] {
        let store = connect(address, key()).await.unwrap();
        store.create_project(project).await.unwrap();
        assert_eq!(store.project(project.id).await.unwrap(), Some(project), "{address}");
        drop(store);
        let again = connect(address, key()).await.unwrap().project(project.id).await.unwrap();
        assert_eq!(again.is_some(), is_kept, "{address}");
    }
    for address in ["", "memory", "memory:x", "mysql://localhost", "sqlite", "https://localhost"] {
        let refused = connect(address, key()).await.map(drop).unwrap_err();
        assert!(matches!(refused, StoreError::UnknownAddress), "{address}: {refused}");
    }
}

#[test]
fn a_new_file_can_be_opened_by_many_at_once() {
    for _ in 0..10 {
        let folder = temp_dir::TempDir::new().unwrap();
        let path = folder.path().join("sso.db");
        let start = Arc::new(Barrier::new(8));
        let openings: Vec<_> = (0..8)
            .map(|_| {
                let (path, start) = (path.clone(), Arc::clone(&start));
                std::thread::spawn(move || {
                    start.wait();
                    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                    runtime.block_on(async {
                        let store = SqliteStore::open(&path, key()).await?;
                        let project = Project::new(ProjectId::generate().unwrap());
                        store.create_project(project).await?;
                        store.project(project.id).await
                    })
                })
            })
            .collect();
        for opening in openings {
            assert!(opening.join().unwrap().unwrap().is_some());
        }
    }
}

#[test]
fn migrations_can_be_read_and_run_by_hand() {
    let migrations = SqliteStore::migrations();
    let database = rusqlite::Connection::open_in_memory().unwrap();
    for (migration, version) in migrations.iter().zip(1..) {
        assert_eq!(migration.version, version);
        database.execute_batch(&migration.sql).unwrap();
    }
    let tables: i64 = database
        .query_row(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sso\\_%' ESCAPE '\\'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(tables, 0, "every table's name begins with sso_");
}

/// What other programs read as a URL is read as they do, or refused with a hint, and leaves no file.
#[tokio::test]
async fn addresses_of_files_are_read_as_meant_or_refused() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let path = path.to_str().unwrap();
    for address in [
        format!("sqlite:{path}?mode=ro"),
        format!("sqlite:file:{path}"),
        format!("sqlite:file:{path}?mode=memory"),
        format!("sqlite:postgres://user:hidden@localhost{path}"),
        format!("sqlite:FILE:{path}"),
        format!("sqlite:SQLite:{path}"),
        format!("sqlite:{path}\n"),
        format!("sqlite: {path}"),
        "sqlite:".to_owned(),
        "sqlite://".to_owned(),
        "sqlite:memory:".to_owned(),
        "sqlite::temp:".to_owned(),
        "sqlite::MEMORY:".to_owned(),
    ] {
        let refused = connect(&address, key()).await.map(drop).unwrap_err();
        assert!(matches!(refused, StoreError::Configuration(_)), "{address}: {refused:?}");
        assert!(!format!("{refused} {refused:?}").contains("hidden"));
    }
    let refused = SqliteStore::open(format!("file:{path}"), key()).await.map(drop).unwrap_err();
    assert!(matches!(refused, StoreError::Configuration(_)), "{refused:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file was left");
    connect(&format!("sqlite://{path}"), key()).await.unwrap();
    assert!(std::path::Path::new(path).exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let store = SqliteStore::open(&path, key()).await.unwrap();
    store.create_project(Project::new(ProjectId::generate().unwrap())).await.unwrap();
    for end in ["", "-wal", "-shm"] {
        let file = format!("{}{end}", path.display());
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

/// A pipe would be waited for, a folder or a device cannot be a database: none is worth another attempt.
#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file_is_refused() {
    let folder = temp_dir::TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), folder.path(), std::path::Path::new("/dev/null")] {
        for refused in [SqliteStore::open(path, key()).await, SqliteStore::open_existing(path, key()).await] {
            let refused = refused.map(drop).unwrap_err();
            assert!(matches!(refused, StoreError::Configuration(_)), "{}: {refused:?}", path.display());
            assert!(format!("{refused:?}").contains("no file"), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn an_existing_file_is_opened_without_migrating_it() {
    let folder = temp_dir::TempDir::new().unwrap();
    let path = folder.path().join("sso.db");
    let missing = SqliteStore::open_existing(&path, key()).await.map(drop).unwrap_err();
    assert!(!missing.is_retryable() && !path.exists(), "{missing:?}");
    // A file of schema 1.
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(
        "CREATE TABLE sso_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT",
    )
    .unwrap();
    old.execute_batch(&SqliteStore::migrations()[0].sql).unwrap();
    old.execute("INSERT INTO sso_migrations (version, applied_at) VALUES (1, '')", []).unwrap();
    let needed = u32::try_from(SqliteStore::migrations().len()).unwrap();
    let outdated = SqliteStore::open_existing(&path, key()).await.map(drop).unwrap_err();
    assert!(
        matches!(outdated, StoreError::OutdatedSchema { found: 1, needed: n } if n == needed),
        "{outdated:?}"
    );
    SqliteStore::open(&path, key()).await.unwrap();
    SqliteStore::open_existing(&path, key()).await.unwrap();
}

/// SQLite would take a URL for the name of a new file, and say it again in its errors.
#[tokio::test]
async fn a_path_that_is_a_url_is_refused_without_being_repeated() {
    let folder = temp_dir::TempDir::new().unwrap();
    let inside = folder.path().display();
    for path in [
        format!("file:{inside}/sso.db"),
        format!("{inside}/sso.db?mode=ro"),
        "postgres://sso:hunter2@db/sso".to_owned(),
        format!("{inside}/missing/hunter2"),
        "hunter2\0".to_owned(),
    ] {
        let refused = connect(&format!("sqlite:{path}"), key()).await.map(drop).unwrap_err();
        let shown = format!("{refused} {refused:?} {:?}", std::error::Error::source(&refused));
        assert!(!shown.contains("hunter2") && !shown.contains("sso.db"), "{shown}");
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}
