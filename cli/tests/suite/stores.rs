//! `store`, `project`, `bot`: on both databases, as an operator sets them up.

use boostgpt_sso::{BotId, ProjectId, SsoSecret};

use super::*;
use crate::database::{Database, block_on};

/// A migrated store.
pub fn migrated(database: &Database) -> String {
    let store = database.address();
    let done = call(&["store", "migrate"]).at(&store).run();
    assert_eq!((done.status, &*done.err), (0, "the schema is up to date\n"), "{done:?}");
    store
}

pub fn project(store: &str) -> String {
    let id = call(&["project", "create", "--free-tier", "100"]).at(store).answer();
    assert!(id.parse::<ProjectId>().is_ok(), "{id}");
    id
}

/// A new bot and its secret.
pub fn bot_of(project: &str, store: &str) -> (BotId, SsoSecret) {
    let done = call(&["bot", "create", "--project", project]).at(store).run();
    assert_eq!(done.status, 0, "{done:?}");
    let (bot, secret) = done.out.trim_end().split_once('\n').unwrap();
    let secret: SsoSecret = secret.parse().unwrap();
    assert!(done.err.contains("shown this once") && done.err.contains(&secret.fingerprint()), "{done:?}");
    assert!(!done.err.contains(&secret.expose_secret()[..8]), "{done:?}");
    (bot.parse().unwrap(), secret)
}

#[test]
fn an_operator_sets_up_both_databases() {
    for database in Database::each() {
        let store = migrated(&database);
        migrated(&database);
        let project = project(&store);
        let (bot, secret) = bot_of(&project, &store);
        let opened = block_on(database.connect()).unwrap();
        let current = || block_on(opened.current_secret(bot)).unwrap().into_secret().unwrap().secret;
        assert_eq!(current(), secret);

        // To create what there is changes nothing.
        let create = |arguments: &[&str]| {
            call(&[&["project", "create", "--id", &project], arguments].concat()).at(&store)
        };
        assert_eq!(create(&[]).answer(), project);
        assert_eq!(create(&["--free-tier", "100"]).answer(), project);
        create(&["--free-tier", "7"]).fails(2, "the project exists, with a free tier of 100");
        let id = bot.to_string();
        let again = ["bot", "create", "--project", &project, "--id", &id];
        call(&again).at(&store).fails(2, "the bot has a secret already");
        assert_eq!(current(), secret);

        let regenerate = ["bot", "regenerate-secret", &id];
        call(&regenerate).at(&store).fails(2, "there is no terminal to ask at: add --yes");
        assert_eq!(current(), secret);
        let new = call(&[&regenerate[..], &["--yes"]].concat()).at(&store).answer();
        assert_eq!(current(), new.parse().unwrap());
        assert_ne!(current(), secret);

        call(&["bot", "regenerate-secret", OTHER_BOT, "--yes"]).at(&store).fails(1, "there is no such bot");
        call(&["bot", "create", "--project", OTHER_BOT]).at(&store).fails(1, "there is no such project");
    }
}

#[test]
fn master_keys_rotate() {
    let database = Database::file();
    let store = migrated(&database);
    let (_, secret) = bot_of(&project(&store), &store);
    let (old, new) = (master_key(), call(&["secret", "generate"]).answer());
    let reseal = |keys: &str| call(&["store", "reseal"]).at(&store).env("BOOSTGPT_SSO_MASTER_KEY", keys);
    reseal(&new).fails(2, "give this program the key ");
    // The bot's secret, and the key of the forgotten names.
    assert_eq!(reseal(&format!("{new},{old}")).answer(), "2 sealed anew");
    assert_eq!(reseal(&new).answer(), "0 sealed anew");
    reseal(&old).fails(2, "give this program the key ");
    assert!(!database.text("SELECT hex(sealed_secret) FROM sso_bots").is_empty());
    let _ = secret;

    let path = database.folder().join("master");
    let with_file = |text: &str| {
        write_key(&path, text);
        let file = path.to_str().unwrap();
        call(&["store", "reseal", "--master-key-file", file, "--store", &store])
    };
    assert_eq!(with_file(&format!("{new}\n")).answer(), "0 sealed anew");
    assert_eq!(with_file(&format!("{old},\n{new}\n")).answer(), "2 sealed anew");
    with_file("a key").fails(2, "the master key is not 64 hexadecimal digits");
}

#[test]
fn the_address_says_which_store_and_a_wrong_one_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("sso.db").display());
    let stats = |store: &str| {
        call(&["stats", "--project", BOT, "--store", store]).env("BOOSTGPT_SSO_MASTER_KEY", &master_key())
    };
    stats(&file).fails(2, "there is no such file");
    assert!(std::fs::read_dir(&folder).unwrap().next().is_none(), "a mistyped address makes no file");
    stats("sqlite::memory:").fails(1, "there is no such project");
    stats("mysql://db").fails(2, "the store's address is not");
    stats("postgres://sso:hunter2@127.0.0.1:1/sso").fails(2, "the store is busy or out of reach: try again");
    migrated(&Database::at(&folder.path().join("sso.db")));
    stats(&file).fails(1, "there is no such project");
    let regenerate = || call(&["bot", "regenerate-secret", BOT, "--yes", "--store", &file]);
    regenerate().fails(2, "BOOSTGPT_SSO_MASTER_KEY is not set");
    regenerate().env("BOOSTGPT_SSO_MASTER_KEY", "7a").fails(2, "the master key is not 64 hexadecimal digits");
    regenerate().env("BOOSTGPT_SSO_MASTER_KEY", SECRET).fails(2, "give this program the key ");
    let without = call(&["stats", "--project", BOT]).run();
    assert!(without.status == 2 && without.err.contains("--store <ADDRESS>"), "{without:?}");
    let help = call(&["stats", "--help"]).at("postgres://sso:hunter2@db/sso").answer();
    assert!(help.contains("BOOSTGPT_SSO_STORE") && !help.contains("hunter2"), "{help}");
    let asked = call(&["stats", "--store", "postgres://sso:hunter2@db/sso", "--help"]).answer();
    assert!(asked.contains("BOOSTGPT_SSO_STORE"), "{asked}");
}

/// A server's message may quote what another user has chosen.
#[test]
fn what_a_server_says_is_escaped() {
    let database = Database::on_server();
    let Database::Server(name) = &database else { unreachable!() };
    let store = database.address().replace(name.as_str(), "no%1B%5B31m");
    let done = call(&["store", "migrate"]).at(&store).run();
    assert!(done.status == 2 && done.err.contains(r#"database "no\u{1b}[31m" does not exist"#), "{done:?}");
}

/// A DBA may run the printed SQL by hand; the store then finds everything in place.
#[test]
fn migrations_are_printed_and_can_be_run_by_hand() {
    let sql = call(&["store", "migrations", "postgres", "--schema", "visitors"]).answer();
    let database = Database::on_server();
    let Database::Server(name) = &database else { unreachable!() };
    crate::database::server().psql(name, &sql);
    let url = database.address();
    let store = format!("{url}{}schema=visitors", if url.contains('?') { '&' } else { '?' });
    assert_eq!(call(&["store", "migrate"]).at(&store).run().status, 0);
    project(&store);
    let count = crate::database::server().psql(name, "SELECT count(*) FROM visitors.projects");
    assert_eq!(count.trim(), "1");

    let sqlite = call(&["store", "migrations", "sqlite"]).answer();
    rusqlite::Connection::open_in_memory().unwrap().execute_batch(&sqlite).unwrap();
    call(&["store", "migrations", "postgres", "--schema", "Robert'; --"])
        .fails(2, "the schema's name is not");
    assert_eq!(call(&["store", "migrations", "oracle"]).run().status, 2);
}
