//! Opening: URLs and options that cannot be used, schemas of others, rights, and the DBA who does it by hand.

use std::{env, error::Error as _, fs, process::Command, thread, time::Duration};

use boostgpt_sso::store::{PostgresOptions, PostgresStore, StoreError, connect};

use crate::{
    breaking::{create_project_and_bot, person, visit},
    database::{Database, MASTER_KEY, block_on, master_key, server},
};

fn open(url: &str) -> Result<PostgresStore, StoreError> {
    block_on(PostgresStore::connect(url, PostgresOptions::new(), master_key()))
}

#[test]
fn what_cannot_be_used_is_named_without_the_password() {
    const PASSWORD: &str = "p4ssw0rd-of-nobody";
    let (database, port) = (Database::on_server(), server().port());
    for url in [
        format!("postgres://sso:{PASSWORD}@localhost:port/db"),
        format!("postgres://sso:{PASSWORD}@localhost/db?{PASSWORD}=1"),
        format!("postgres://sso:{PASSWORD}@localhost/db?sslmode={PASSWORD}"),
        format!("postgres:{PASSWORD}"),
        format!("postgres://sso:{PASSWORD}@/db"),
        "postgres:///db".to_owned(),
        format!("postgres://sso:{PASSWORD}@localhost:{port}/sso?sslrootcert=/{PASSWORD}"),
        format!("postgres://sso:{PASSWORD}@localhost:{port}/sso?schema=%{PASSWORD}"),
        format!("postgres://sso:{PASSWORD}@127.0.0.1:{port}/sso?sslmode=disable&schema=Upper"),
        format!("postgres://sso:{PASSWORD}@127.0.0.1:{port}/sso?sslmode=disable&schema="),
        format!("postgres://sso:{PASSWORD}@127.0.0.1:{port}/sso?sslmode=disable&schema=a.b;--"),
        format!("postgres://sso:{PASSWORD}@127.0.0.1:{port}/sso?sslmode=disable&schema={}", "a".repeat(64)),
        format!("postgres://sso:{PASSWORD}@{PASSWORD}@127.0.0.1:{port}/sso?sslmode=disable"),
        format!("postgres://sso:{PASSWORD}?{PASSWORD}@127.0.0.1:{port}/sso?sslmode=disable"),
        format!("postgres://sso:{PASSWORD}/{PASSWORD}@127.0.0.1:{port}/sso?sslmode=disable"),
    ] {
        let error = open(&url).expect_err(&url);
        assert!(matches!(error, StoreError::Configuration(_)), "{url}: {error:?}");
        assert_eq!(error.code(), "configuration");
        let shown = format!("{error} {error:?} {}", error.source().expect("a source"));
        assert!(!shown.contains(PASSWORD), "{shown}");
    }
    for options in [
        PostgresOptions::new().with_pool_size(0),
        PostgresOptions::new().with_connect_timeout(Duration::ZERO),
        PostgresOptions::new().with_acquire_timeout(Duration::ZERO),
        PostgresOptions::new().with_statement_timeout(Duration::from_micros(1)),
    ] {
        let opened = block_on(PostgresStore::connect(&database.address(), options, master_key()));
        assert!(matches!(opened, Err(StoreError::Configuration(_))), "{opened:?}");
    }
    let missing = open(&server().url_of("no_such_database")).expect_err("there is no such database");
    assert!(
        matches!(&missing, StoreError::Failed(_)) && format!("{missing:?}").contains("3D000"),
        "{missing:?}"
    );
    let nobody = open("postgres://sso@127.0.0.1:1/sso?sslmode=disable").expect_err("nobody listens there");
    assert!(nobody.is_retryable(), "{nobody:?}");

    // A runtime without what the store needs.
    let bare = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let opened = bare.block_on(connect(&database.address(), master_key())).map(drop);
    assert!(matches!(opened, Err(StoreError::Configuration(_))), "{opened:?}");

    // Outside of a runtime.
    let url = database.address();
    let outside = thread::spawn(move || {
        let mut opening = std::pin::pin!(connect(&url, master_key()));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match opening.as_mut().poll(&mut context) {
            std::task::Poll::Ready(outcome) => outcome.map(drop),
            std::task::Poll::Pending => panic!("it waits for a runtime that is not there"),
        }
    });
    assert!(matches!(outside.join().unwrap(), Err(StoreError::Configuration(_))));
}

#[test]
fn a_url_that_cannot_be_used_is_named() {
    for parameter in [
        "pgbouncer=true",
        "connection_limit=5",
        "sslmode=no-verify",
        "target_session_attrs=primary",
        "target_session_attrs=read-only",
        "pool_timeout=10",
        "sslcert=/x.pem",
        "sslMode=require",
        "prepareThreshold=0",
        "currentSchema=sso",
    ] {
        let error = open(&format!("postgres://sso@127.0.0.1:1/sso?{parameter}")).expect_err(parameter);
        let name = parameter.split('=').next().unwrap();
        let shown = error.source().unwrap().to_string();
        assert!(error.code() == "configuration" && shown.contains(&format!("`{name}`")), "{shown}");
    }
    for login in ["pwuser:p@secretpart", "pwuser:p?w", "pwuser:p/w", "pw@user:p"] {
        let error = open(&format!("postgres://{login}@127.0.0.1:1/sso")).expect_err(login);
        let shown = error.source().unwrap().to_string();
        assert!(error.code() == "configuration" && shown.contains("percent-encode"), "{shown}");
        assert!(!shown.contains("secretpart"), "{shown}");
    }
    // What is no URL of PostgreSQL is not read as `host=… user=…`, which would look its password up as a host
    // and forget about TLS.
    for url in [
        "host=localhost",
        "host=localhost sslmode=require",
        "host=postgres://user:secretpart@127.0.0.1:1/sso?sslmode=require",
        "Postgres://user:secretpart@127.0.0.1:1/sso",
        "postgres:user:secretpart@127.0.0.1:1/sso",
        "postgres",
        "",
    ] {
        let error = open(url).expect_err(url);
        let shown = error.source().unwrap().to_string();
        assert!(error.code() == "configuration" && shown.contains("is not postgres://"), "{url}: {shown}");
        assert!(!shown.contains("secretpart"), "{shown}");
    }
    for value in ["a%+4b", "a%4", "a%", "a%-1", "%ff"] {
        let error = open(&format!("postgres://sso@127.0.0.1:1/sso?schema={value}")).expect_err(value);
        let shown = error.source().unwrap().to_string();
        assert!(shown.contains("not percent-encoded UTF-8"), "{value}: {shown}");
    }
    for (parameters, hint) in [
        ("sslrootcert=system&sslmode=prefer", "sslmode=verify-full"),
        ("sslmode=disable&sslrootcert=system", "sslmode=verify-full"),
        ("sslmode=allow&sslrootcert=system", "sslmode=verify-full"),
        ("sslrootcert=system&sslmode=require&sslmode=disable", "sslmode=verify-full"),
        ("host=db1,db2", "before the path"),
    ] {
        let error = open(&format!("postgres://sso@127.0.0.1:1/sso?{parameters}")).expect_err(parameters);
        let shown = error.source().unwrap().to_string();
        assert!(error.code() == "configuration" && shown.contains(hint), "{parameters}: {shown}");
    }
    let error = open("postgres:///sso?host=db1,db2&port=1,2,3").expect_err("two hosts, three ports");
    assert!(error.source().unwrap().to_string().contains("same length"), "{error:?}");
    // A list of hosts alone is read: nothing listens there.
    let error = open("postgres:///sso?host=127.0.0.1,127.0.0.1&port=1,1").expect_err("nothing listens");
    assert!(error.is_retryable(), "{error:?}");
    // A password that is encoded, and the platform's authorities as libpq names them: it is the server that
    // refuses.
    for url in
        ["postgres://sso:p%40%3F%2F@127.0.0.1:1/sso", "postgres://sso@127.0.0.1:1/sso?sslrootcert=system"]
    {
        let error = open(url).expect_err(url);
        assert!(error.is_retryable(), "{error:?}");
    }
}

/// To the letter what the documentation of `PostgresOptions::new` says.
#[test]
fn the_options_are_the_documented_ones_unless_set() {
    let shown = format!("{:?}", PostgresOptions::new());
    assert_eq!(
        shown,
        "PostgresOptions { schema: \"sso\", pool_size: 16, connect_timeout: 3s, acquire_timeout: 3s, \
         statement_timeout: 5s, migration_timeout: 600s, reports_at_once: 1, migrates: true, \
         prepares: false, ca: None }"
    );
    assert_eq!(format!("{:?}", PostgresOptions::default()), shown);
}

#[test]
fn a_database_that_cannot_hold_every_name_is_refused() {
    let create = "CREATE DATABASE latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'";
    server().psql("postgres", create);
    let error = open(&server().url_of("latin1")).expect_err("no UTF-8");
    assert!(
        matches!(&error, StoreError::Configuration(_)) && format!("{error:?}").contains("UTF8"),
        "{error:?}"
    );
}

#[test]
fn schemas_are_worlds_of_their_own() {
    let database = Database::on_server();
    let other = format!("{}?schema=other_schema", database.address());
    for url in [database.address(), other.clone()] {
        let store = open(&url).unwrap();
        block_on(create_project_and_bot(&store)).unwrap();
        assert!(block_on(visit(&store, &person("ada"))).unwrap().provisioned.created_account);
    }
    assert_eq!(database.number("SELECT count(*) FROM other_schema.subscribers"), 1);
    // Another program's tables in the wanted schema are left alone.
    database.execute("CREATE SCHEMA theirs; CREATE TABLE theirs.bots (a int)");
    let error = open(&format!("{}?schema=theirs", database.address())).expect_err("theirs");
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    assert_eq!(database.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'theirs'"), 1);
}

#[test]
fn a_newer_schema_is_left_alone_and_a_broken_one_is_named() {
    let database = Database::on_server();
    let store = open(&database.address()).unwrap();
    block_on(create_project_and_bot(&store)).unwrap();
    database.execute("INSERT INTO sso_migrations (version, applied_at) VALUES (999, now())");
    let newer = open(&database.address()).expect_err("a newer schema");
    assert!(matches!(newer, StoreError::NewerSchema { found: 999, known: 4 }), "{newer:?}");
    database.execute("DELETE FROM sso_migrations WHERE version = 999");

    // A name whose subscriber was deleted by hand; then a table.
    block_on(visit(&store, &person("ada"))).unwrap();
    database.execute("DELETE FROM sso_subscribers");
    let broken = block_on(visit(&store, &person("ada"))).expect_err("half a subscriber");
    assert!(matches!(broken, StoreError::Corrupt(_)), "{broken:?}");
    database.execute("DROP TABLE sso_names");
    let broken = block_on(visit(&store, &person("ada"))).expect_err("no table");
    assert!(matches!(broken, StoreError::Corrupt(_)), "{broken:?}");
    // Nothing that the server says of a value is passed on.
    assert!(!format!("{broken:?}").contains("ada"));
}

#[test]
fn a_dba_can_do_it_by_hand_and_a_service_without_rights_then_works() {
    let database = Database::on_server();
    let Database::Server(name) = &database else { unreachable!() };
    let role = format!("{name}_service");
    server().psql("postgres", &format!("CREATE ROLE {role} LOGIN"));
    let url = server().url_of(name).replacen("sso@", &format!("{role}@"), 1);

    let error = open(&url).expect_err("no right to create a schema");
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    database.execute("CREATE SCHEMA sso");
    for migration in PostgresStore::migrations("sso").unwrap() {
        server().psql(name, &migration.sql);
    }
    let error = open(&url).expect_err("no right to read");
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    database.execute(&format!(
        "GRANT USAGE ON SCHEMA sso TO {role};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sso TO {role}"
    ));
    let store = open(&url).unwrap();
    block_on(create_project_and_bot(&store)).unwrap();
    assert!(block_on(visit(&store, &person("ada"))).unwrap().provisioned.created_subscriber);
    // Taken away while it runs.
    database.execute(&format!("REVOKE INSERT ON sso.names FROM {role}"));
    let error = block_on(visit(&store, &person("eve"))).expect_err("no right to write");
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    assert!(PostgresStore::migrations("no such name").is_err());
}

#[test]
fn a_server_that_may_not_be_written_to_is_read_only() {
    let database = Database::on_server();
    let Database::Server(name) = &database else { unreachable!() };
    let store = open(&database.address()).unwrap();
    block_on(create_project_and_bot(&store)).unwrap();
    drop(store);
    server().psql("postgres", &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    let error = open(&database.address()).expect_err("no writing");
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
}

#[test]
fn prepared_statements_that_are_gone_are_prepared_again() {
    let database = Database::on_server();
    block_on(async {
        let manager =
            deadpool_postgres::Manager::new(database.address().parse().unwrap(), tokio_postgres::NoTls);
        let pool = deadpool_postgres::Pool::builder(manager).max_size(1).build().unwrap();
        let options = PostgresOptions::new().with_prepared_statements();
        let store = PostgresStore::with_pool(pool.clone(), options, master_key()).await.unwrap();
        create_project_and_bot(&store).await.unwrap();
        let first = visit(&store, &person("ada")).await.unwrap();
        pool.get().await.unwrap().batch_execute("DEALLOCATE ALL").await.unwrap();
        assert_eq!(
            visit(&store, &person("ada")).await.unwrap().provisioned.subscriber,
            first.provisioned.subscriber
        );
    });
}

#[test]
fn the_program_of_the_readme_opens_a_store() {
    let database = Database::on_server();
    let folder = env::current_exe().unwrap().parent().unwrap().with_file_name("examples");
    let program = folder.join("readme_postgres");
    let how = "`cargo test -p test-databases` without `--test` compiles it";
    assert!(program.exists(), "{} is not there: {how}", program.display());
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("master.key"), hex::encode(MASTER_KEY) + "\n").unwrap();
    let run = |url: &str| {
        Command::new(&program).current_dir(folder.path()).env("DATABASE_URL", url).output().unwrap()
    };
    let done = run(&database.address());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(database.number("SELECT count(*) FROM sso_hash_key"), 1, "it has made the tables");
    // Without a server it fails, and shows the error's text and code.
    let failed = run("postgres://sso@127.0.0.1:1/sso?sslmode=disable");
    let shown = String::from_utf8_lossy(&failed.stderr);
    assert!(failed.status.code() == Some(1) && shown.contains("(unavailable)"), "{shown}");
}
