//! `docs/missing-ids.md`: its statements, run on both databases.

use std::sync::Arc;

use boostgpt_sso::{
    Identity, SubscriberId,
    store::{Lookup, Store},
    time::Duration,
};

use crate::{
    breaking::{block_on, furnished_on, project, visit},
    database::{Database, server},
    support::now,
};

/// The statements of the page for this engine: one that finds, one that removes the id.
fn statements(database: &Database) -> [&'static str; 2] {
    let page = include_str!("../../docs/missing-ids.md");
    let blocks = page.split("```sql\n").skip(1).map(|block| block.split("```").next().unwrap());
    let is_file = matches!(database, Database::File(..));
    let ours: Vec<_> = blocks.filter(|sql| sql.contains("sso_subscribers") == is_file).collect();
    ours.try_into().unwrap()
}

fn run(database: &Database, sql: &str) -> Vec<String> {
    match database {
        Database::File(path, _) => {
            let connection = rusqlite::Connection::open(path).unwrap();
            let mut statement = connection.prepare(sql).unwrap();
            let columns = statement.column_count();
            let row = |row: &rusqlite::Row<'_>| {
                let value = |column| match row.get::<_, rusqlite::types::Value>(column).unwrap() {
                    rusqlite::types::Value::Text(text) => text,
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    other => panic!("{other:?}"),
                };
                Ok((0..columns).map(value).collect::<Vec<_>>().join("|"))
            };
            statement.query_map([], row).unwrap().map(Result::unwrap).collect()
        }
        Database::Server(name) => server().psql(name, sql).lines().map(str::to_owned).collect(),
    }
}

/// How this engine shows an id.
fn shown(database: &Database, id: &[u8; 16]) -> String {
    match database {
        Database::File(..) => hex::encode(id),
        Database::Server(_) => SubscriberId::from_bytes(*id).to_string(),
    }
}

fn person(address: &str) -> Identity {
    Identity::new(address).unwrap()
}

/// A visit, and who then holds the address.
async fn come(store: &Arc<dyn Store>, identity: Identity) -> SubscriberId {
    visit(store, &identity).await.unwrap();
    store.subscriber(project(), Lookup::Email(identity.email())).await.unwrap().unwrap().id
}

#[test]
fn the_statements_of_the_page_find_and_release_subscribers_joined_by_a_missing_id() {
    for database in Database::each() {
        block_on(async {
            let store = furnished_on(&database).await;
            let with_id = |address: &str, id: &str| person(address).with_external_id(id).unwrap();
            // Before the rule: two people by one id, one person by another, and one who has nothing to do
            // with it.
            let joined = come(&store, with_id("ada@example.com", "j")).await;
            assert_eq!(come(&store, with_id("bob@example.com", "j")).await, joined);
            let alone = come(&store, with_id("eve@example.com", "a")).await;
            let other = come(&store, with_id("sue@example.com", "42")).await;
            database.execute("UPDATE sso_subscribers SET external_id = 'undefined' WHERE external_id = 'j'");
            database.execute(
                "UPDATE sso_subscribers SET external_id = '[object Object]' WHERE external_id = 'a'",
            );

            let [find, release] = statements(&database);
            let day = now().date();
            let row = |id: SubscriberId, text: &str, email: &str, past: u32| {
                let [project, id] = [project().as_bytes(), id.as_bytes()].map(|id| shown(&database, id));
                format!("{project}|{id}|{text}|{email}|{day}|{day}|{past}")
            };
            let mut expected = [
                row(joined, "undefined", "bob@example.com", 1),
                row(alone, "[object Object]", "eve@example.com", 0),
            ];
            expected.sort();
            assert_eq!(run(&database, find), expected);

            // One person: the id goes, and the real one is taken.
            let released = release
                .replace("PROJECT", &shown(&database, project().as_bytes()))
                .replace("SUBSCRIBER", &shown(&database, alone.as_bytes()));
            run(&database, &released);
            assert_eq!(run(&database, find), [row(joined, "undefined", "bob@example.com", 1)]);
            assert_eq!(come(&store, with_id("eve@example.com", "7")).await, alone);
            let found = store.subscriber(project(), Lookup::ExternalId("7")).await.unwrap();
            assert_eq!(found.map(|subscriber| subscriber.id), Some(alone));

            // Several people: forgotten, they are subscribers of their own, whatever their back end still
            // sends.
            let before = now() - Duration::minutes(2);
            assert!(store.forget(project(), joined, before).await.unwrap());
            assert_eq!(run(&database, find), Vec::<String>::new());
            let [ada, bob] = [person("ada@example.com"), person("bob@example.com")];
            let ada = come(&store, ada).await;
            let bob = come(&store, bob).await;
            assert!(ada != bob && ada != joined && bob != joined && bob != other);
        });
    }
}
