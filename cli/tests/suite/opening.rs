//! How a store is opened: with the key only if something is sealed or opened, as it is unless it is migrated,
//! and without ever repeating its address.

use super::{
    requests::{TwoProjects, ask, two_projects},
    stores::migrated,
    *,
};
use crate::database::Database;

/// Nothing but these needs the key that opens every secret.
#[test]
fn only_what_needs_a_secret_asks_for_the_key() {
    let database = Database::file();
    let TwoProjects { store, projects: [project, _], bots: [(bot, _), _] } = two_projects(&database);
    let bot = bot.to_string();
    for arguments in [
        &["bot", "create", "--project", &project][..],
        &["bot", "regenerate-secret", &bot, "--yes"],
        &["subscriber", "forget", "--project", &project, "--email", "ada@example.com", "--yes"],
        &["store", "reseal"],
        &["store", "migrate"],
    ] {
        ask(&store, arguments).fails(2, "BOOSTGPT_SSO_MASTER_KEY is not set");
    }
    for arguments in [
        &["project", "create"][..],
        &["project", "list"],
        &["project", "show", &project],
        &["bot", "list", "--project", &project],
        &["bot", "show", &bot],
        &["stats", "--bot", &bot],
        &["subscriber", "list", "--bot", &bot],
        &["subscriber", "find", "--email", "ada@example.com"],
        &["subscriber", "show", "--bot", &bot, "--email", "ada@example.com"],
        &["bot", "remove-secret", &bot, "--yes"],
        &["store", "migrations", "sqlite"],
    ] {
        assert_eq!(ask(&store, arguments).run().status, 0, "{arguments:?}");
        let has_option = call(&[arguments, &["--help"]].concat()).answer().contains("--master-key-file");
        let is_lookup = arguments[0] == "subscriber" && ["find", "show"].contains(&arguments[1]);
        assert_eq!(has_option, is_lookup, "{arguments:?}");
    }
}

/// A key that is wrong, or is none, does not keep anyone from looking things up.
#[test]
fn a_wrong_key_in_the_environment_is_no_obstacle_to_a_look_up() {
    for database in Database::each() {
        let TwoProjects { store, projects: [project, _], bots: [(bot, _), _] } = two_projects(&database);
        let bot = bot.to_string();
        let other = "7c".repeat(32);
        let by_key: &[&[&str]] = &[
            &["subscriber", "find", "--email", "ada@example.com"],
            &["subscriber", "find", "--bot", &bot],
            &["subscriber", "show", "--bot", &bot, "--email", "ada@example.com"],
        ];
        let others: &[&[&str]] = &[
            &["project", "create"],
            &["project", "list"],
            &["project", "show", &project],
            &["bot", "list", "--project", &project],
            &["bot", "show", &bot],
            &["stats", "--bot", &bot],
            &["subscriber", "list", "--bot", &bot],
            &["bot", "remove-secret", &bot, "--yes"],
        ];
        for (key, says) in [
            (&*other, "sealed with master key"),
            ("nonsense", "64 hexadecimal digits"),
            ("\u{feff}", "begins with a byte order mark"),
            (&*"0".repeat(64), "zeros"),
            ("", "64 hexadecimal digits"),
        ] {
            let with = |arguments: &[&str]| ask(&store, arguments).env("BOOSTGPT_SSO_MASTER_KEY", key).run();
            for arguments in by_key {
                let (done, without) = (with(arguments), ask(&store, arguments).run());
                assert_eq!((done.status, &done.out), (0, &without.out), "{arguments:?} {done:?}");
                let note = "warning: the look-up goes on without BOOSTGPT_SSO_MASTER_KEY";
                assert!(done.err.contains(note) && done.err.contains(says), "{says}: {done:?}");
                assert!(key.is_empty() || !done.err.contains(key), "{done:?}");
            }
            for arguments in others {
                let done = with(arguments);
                assert_eq!((done.status, &*done.err), (0, ""), "{arguments:?} {done:?}");
            }
            let needed = ask(&store, &["bot", "create", "--project", &project]);
            assert_eq!(needed.env("BOOSTGPT_SSO_MASTER_KEY", key).run().status, 2);
        }
        // One that is given for this call is meant for it.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_key(&path, &other);
        let option = ["--master-key-file", path.to_str().unwrap()];
        assert_eq!(ask(&store, &[by_key[0], &option].concat()).run().status, 2);
    }
}

#[test]
fn nothing_but_migrate_creates_or_migrates() {
    for database in Database::each() {
        let store = database.address();
        let lookups = [
            &["project", "list"][..],
            &["stats", "--project", BOT],
            &["bot", "regenerate-secret", BOT, "--yes"],
        ];
        for arguments in lookups {
            let done = call(arguments).at(&store).run();
            let is_said = done.err.contains("`boostgpt-sso store migrate`");
            assert!(done.status == 2 && is_said && done.out.is_empty(), "{done:?}");
        }
        match &database {
            Database::File(path, _) => assert!(!path.exists()),
            Database::Server(name) => {
                let found = crate::database::server()
                    .psql(name, "SELECT count(*) FROM pg_namespace WHERE nspname = 'sso'");
                assert_eq!(found.trim(), "0");
            }
        }
        migrated(&database);
        // As after an update of the program.
        let newest = database.number("SELECT max(version) FROM sso_migrations");
        database.execute(&format!("DELETE FROM sso_migrations WHERE version = {newest}"));
        for arguments in lookups {
            let says = format!("the store's schema is version {}, and {newest} is needed", newest - 1);
            call(arguments).at(&store).fails(2, &says);
        }
        assert_eq!(database.number("SELECT max(version) FROM sso_migrations"), newest - 1);
    }
}

#[test]
fn a_store_password_is_never_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite:{}/sso:hunter2@db", folder.path().join("no").display());
    let addresses = [
        "sqlite:postgres://sso:hunter2@db/sso",
        "sqlite://sso:hunter2@db/sso",
        "sqlite:file:hunter2?mode=ro",
        &missing,
        "postgres://sso:hunter2@127.0.0.1:1/sso",
        "postgres://sso:hunter2@127.0.0.1:port/sso",
        "postgres://sso:hunter2@/sso?no_such_parameter=hunter2",
        "postgres://sso:hu?nter2@127.0.0.1:1/sso",
        "postgres://sso:hu@nter2@127.0.0.1:1/sso",
        "postgres:sso:hunter2@db",
        "postgresql://sso:hunter2%zz@127.0.0.1:1/sso",
        "mysql://sso:hunter2@db/sso",
        "sso:hunter2@db",
        "hunter2",
    ];
    let try_all_commands = |address: &str| {
        for arguments in [&["project", "list"][..], &["store", "migrate"], &["bot", "show", BOT]] {
            let done = call(arguments).within(folder.path()).at(address).run();
            assert_eq!((done.status, &*done.out), (2, ""), "{address}: {done:?}");
            assert!(!done.err.contains("nter2") && done.err.lines().count() == 1, "{address}: {done:?}");
            let given = [arguments, &["--store", address]].concat();
            let done = call(&given).within(folder.path()).env("BOOSTGPT_SSO_MASTER_KEY", &master_key()).run();
            assert!(!done.err.contains("nter2") && done.status == 2, "{address}: {done:?}");
        }
    };
    // Side by side: a server that refuses connections is waited for.
    std::thread::scope(|scope| {
        for address in addresses {
            scope.spawn(move || try_all_commands(address));
        }
    });
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "no file is created for an address that is none: {left:?}");
}
