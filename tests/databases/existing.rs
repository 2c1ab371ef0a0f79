//! A store that is opened as it is, and one without a master key: what it creates, finds and refuses.

use boostgpt_sso::{
    Email, Signer,
    store::{
        BotState, Lookup, MasterKey, ProvisionError, ProvisionRequest, SealingError, StoreError,
        connect_existing,
    },
};

use crate::{
    breaking::{create_project_and_bot, current_secret, person, project, visit},
    database::{Database, block_on, master_key, server},
    support::{bot, now},
};

fn is_refused<T>(outcome: Result<T, StoreError>) -> bool {
    matches!(outcome.map(drop), Err(StoreError::Sealing(SealingError::NoMasterKey)))
}

#[test]
fn without_a_key_a_store_finds_lists_and_counts() {
    for database in Database::each() {
        let identity = person("Ada");
        let (store, visited, secret) = block_on(async {
            let store = database.connect().await.unwrap();
            create_project_and_bot(&store).await.unwrap();
            let visited = visit(&store, &identity).await.unwrap();
            let secret = current_secret(&store).await;
            (store, visited, secret)
        });
        let token = Signer::new(&secret.secret).sign_at(&identity, now());
        let visitor = secret.verifier().verify_at(token.as_str(), now()).unwrap();
        block_on(async {
            let keyless = connect_existing(&database.address(), MasterKey::none()).await.unwrap();
            let by_id =
                keyless.subscriber(project(), Lookup::Id(visited.provisioned.subscriber)).await.unwrap();
            assert_eq!(
                by_id.as_ref().and_then(|found| found.external_id.as_deref()),
                Some("Ada"),
                "{database}"
            );
            let email = Email::new("aDa@Example.com").unwrap();
            for by in [Lookup::Email(email), Lookup::ExternalId("Ada")] {
                let found = keyless.subscriber(project(), by).await.unwrap();
                assert_eq!(found, by_id, "{database}, {by:?}");
                assert_eq!(found, store.subscriber(project(), by).await.unwrap(), "{database}, {by:?}");
            }
            assert_eq!(keyless.subscriber(project(), Lookup::ExternalId("ada")).await.unwrap(), None);
            assert_eq!(keyless.subscribers_by_email(email).await.unwrap().len(), 1, "{database}");
            assert_eq!(keyless.subscribers(project(), None, 10).await.unwrap().len(), 1);
            assert_eq!(keyless.subscriber_count(project()).await.unwrap(), 1);
            let today = now().date();
            assert_eq!(keyless.activity(project(), today, today).await.unwrap().len(), 1);
            assert_eq!(keyless.projects(None, 10).await.unwrap().len(), 1);
            let bots = keyless.bots(project(), None, 10).await.unwrap();
            assert_eq!((bots.len(), keyless.bot(bot()).await.unwrap()), (1, bots.first().cloned()));

            assert!(is_refused(keyless.current_secret(bot()).await), "{database}");
            assert!(is_refused(keyless.regenerate_secret(bot()).await), "{database}");
            assert!(is_refused(keyless.reseal().await), "{database}");
            let subscriber = visited.provisioned.subscriber;
            assert!(is_refused(keyless.forget(project(), subscriber, now()).await), "{database}");
            let provisioned = keyless.provision(ProvisionRequest::new(visitor, now())).await;
            let Err(ProvisionError::Store(error)) = provisioned else { panic!("{provisioned:?}") };
            assert!(is_refused::<()>(Err(error)), "{database}");
            assert_eq!(store.subscriber_count(project()).await.unwrap(), 1, "nothing has changed");

            keyless.remove_secret(bot()).await.unwrap();
            assert!(matches!(store.current_secret(bot()).await, Ok(BotState::WithoutSecret)), "{database}");
        });
    }
}

#[test]
fn an_existing_store_is_opened_as_it_is() {
    for database in Database::each() {
        let open = || block_on(connect_existing(&database.address(), master_key())).map(drop);
        match (&database, open().unwrap_err()) {
            (Database::File(path, _), StoreError::Configuration(_)) => assert!(!path.exists()),
            (Database::Server(name), StoreError::OutdatedSchema { found: 0, .. }) => {
                let made = "SELECT count(*) FROM pg_namespace WHERE nspname = 'sso'";
                assert_eq!(server().psql(name, made).trim(), "0");
            }
            (_, other) => panic!("{database}: {other:?}"),
        }
        drop(block_on(database.connect()).unwrap());
        open().unwrap();
        let newest = database.number("SELECT max(version) FROM sso_migrations");
        database.execute(&format!("UPDATE sso_migrations SET version = 99 WHERE version = {newest}"));
        assert!(matches!(open(), Err(StoreError::NewerSchema { found: 99, .. })), "{database}");
        database.execute("DELETE FROM sso_migrations WHERE version = 99");
        let older = open().unwrap_err();
        let needed = format!("version {}, and {newest} is needed", newest - 1);
        assert!(older.to_string().contains(&needed) && older.code() == "outdated_schema", "{older:?}");
    }
}
