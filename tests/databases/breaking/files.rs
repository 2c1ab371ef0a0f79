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
        let store = store_with_bot(&path).await;
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
        store_with_bot(&fresh).await;
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
    close(block_on(store_with_bot(&path)), &path);
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
        [(place.folder(), "configuration"), (place.folder().join("no/such/folder/sso.db"), "configuration")];
    for (nowhere, code) in nowhere {
        let error = block_on(open(&nowhere)).expect_err("no file can be there");
        assert_eq!(error.code(), code, "{error:?}");
        assert!(std::error::Error::source(&error).is_some());
    }
    // Another program's database is fine: our tables are beside theirs.
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
        .unwrap();
    close(block_on(store_with_bot(&path)), &path);
    assert_eq!(Database::at(&path).number("SELECT count(*) FROM theirs"), 1);
}

/// The log and the shared memory belong to another user, who has the database open: a process that may write
/// to the database itself learns which files it is about.
#[test]
fn files_of_another_user_beside_the_database_are_named() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    const NAME: &str = "breaking::files::files_of_another_user_beside_the_database_are_named";
    const OTHER: u32 = 65_534;
    if let Some([path]) = child::arguments() {
        let tried = block_on(async {
            let store = open(Path::new(&path)).await?;
            store.create_project(Project::new(boostgpt_sso::ProjectId::generate().unwrap())).await
        });
        let error = tried.expect_err("it may not be written");
        child::tell(format!("{} {error:?}", error.code()));
        return;
    }
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    for mode in [0o644, 0o600] {
        let place = Database::file();
        let path = place.path();
        let held = block_on(store_with_bot(&path));
        let beside = ["-wal", "-shm"].map(|end| format!("{}{end}", path.display()));
        // The program too: the folder that it is in may not be for everyone.
        let program = place.folder().join("program");
        let mut command: Vec<String> = Vec::new();
        if is_root {
            fs::set_permissions(place.folder(), fs::Permissions::from_mode(0o777)).unwrap();
            fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            chown(&path, Some(OTHER), Some(OTHER)).unwrap();
            command.push("setpriv".to_owned());
            command.extend(["--reuid", "--regid"].map(|option| format!("{option}={OTHER}")));
            command.push("--clear-groups".to_owned());
        } else {
            fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        }
        for file in &beside {
            // Of one's own files, the bits for the owner count.
            let mode = if is_root { mode } else { (mode & 0o044) << 3 };
            fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
        }
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let (program, at) = (program.to_str().unwrap(), path.to_str().unwrap());
        let said = child::Child::start_binary(&command, program, NAME, &[at]).success();
        let said = said.concat();
        assert!(said.starts_with("read_only "), "{mode:o}: {said}");
        for file in &beside {
            assert!(said.contains(file.as_str()), "{mode:o}: {file} is not named: {said}");
        }
        drop(held);
    }
}

/// What file systems of a network do, by calls that fail: no shared memory is an error of the set-up; no
/// lock manager cannot be told from another process's lock.
#[test]
fn a_file_system_without_shared_memory_is_named_and_one_without_locks_is_unavailable() {
    const NAME: &str =
        "breaking::files::a_file_system_without_shared_memory_is_named_and_one_without_locks_is_unavailable";
    const FAILING: &str = r#"
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <stdarg.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        static int fails(const char *what) { return strcmp(getenv("FAILS"), what) == 0; }

        static void *map(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
            char link[64], path[4096] = "";
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            ssize_t length = fd < 0 ? 0 : readlink(link, path, sizeof path);
            if (fails("memory") && length > 4 && memcmp(path + length - 4, "-shm", 4) == 0) {
                errno = ENODEV;
                return MAP_FAILED;
            }
            return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
        }
        void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
            return map(at, size, protection, flags, fd, offset);
        }
        void *mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
            return map(at, size, protection, flags, fd, offset);
        }

        static int control(int fd, int command, void *argument) {
            if (fails("locks") && (command == F_SETLK || command == F_SETLKW)) {
                errno = ENOLCK;
                return -1;
            }
            return syscall(SYS_fcntl, fd, command, argument);
        }
        int fcntl(int fd, int command, ...) {
            va_list rest;
            va_start(rest, command);
            return control(fd, command, va_arg(rest, void *));
        }
        int fcntl64(int fd, int command, ...) {
            va_list rest;
            va_start(rest, command);
            return control(fd, command, va_arg(rest, void *));
        }
    "#;
    if let Some([path]) = child::arguments() {
        let error = block_on(open(Path::new(&path))).map(drop).expect_err("no such file system");
        child::tell(format!("{} {error:?}", error.code()));
        return;
    }
    let place = Database::file();
    let (source, library) = (place.folder().join("failing.c"), place.folder().join("failing.so"));
    fs::write(&source, FAILING).unwrap();
    let compiled =
        std::process::Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status();
    assert!(compiled.unwrap().success());
    close(block_on(store_with_bot(&place.path())), &place.path());
    for (fails, code, text) in [("memory", "configuration", "shared memory"), ("locks", "unavailable", "")] {
        let preload = format!("LD_PRELOAD={}", library.display());
        let wrapper = ["env", &preload, &format!("FAILS={fails}")];
        let path = place.path();
        let said = child::Child::start_through(&wrapper, NAME, &[path.to_str().unwrap()]).success().concat();
        assert!(said.starts_with(&format!("{code} ")) && said.contains(text), "{fails}: {said}");
    }
}
