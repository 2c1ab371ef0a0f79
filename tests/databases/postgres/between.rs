//! What changes between the two statements of a visit, the one that reads and the one that writes. The second
//! is held back until it has happened.

use std::{sync::Arc, time::Duration};

use boostgpt_sso::{
    Identity, Signer,
    store::{
        BotSecret, Lookup, PostgresOptions, PostgresStore, ProvisionError, ProvisionRequest, Provisioned,
        Store, SubscriberStore as _,
    },
};

use super::stranger::{Rules, Stranger};
use crate::{
    breaking::{CREDITS, create_project_and_bot, current_secret, project},
    database::{Database, block_on, master_key, server},
    support::{NOW, at, bot},
};

/// The statement that writes.
const WRITE: &str = "INSERT INTO sso.names";

struct Between {
    stranger: Stranger,
    /// Behind the stranger.
    held: PostgresStore,
    /// Another process.
    other: Arc<dyn Store>,
    secret: BotSecret,
    database: Database,
}

type Outcome = Result<Provisioned, ProvisionError>;

fn identity(email: &str, name: &str, id: &str) -> Identity {
    let plain = Identity::new(&format!("{email}@example.com")).unwrap();
    plain.with_name(name).unwrap().with_external_id(id).unwrap()
}

impl Between {
    async fn new() -> Self {
        let database = tokio::task::block_in_place(Database::on_server);
        let other = database.connect().await.unwrap();
        create_project_and_bot(&other).await.unwrap();
        let Database::Server(name) = &database else { unreachable!() };
        let stranger = Stranger::start(server().port()).await;
        let held = PostgresStore::connect(&stranger.url(name), PostgresOptions::new(), master_key()).await;
        let secret = current_secret(&other).await;
        Self { held: held.unwrap(), stranger, other, secret, database }
    }

    fn request(&self, identity: &Identity, issued_at: i64) -> ProvisionRequest {
        let token = Signer::new(&self.secret.secret).sign_at(identity, at(issued_at));
        let visitor = self.secret.verifier().verify_at(token.as_str(), at(NOW + 60)).unwrap();
        ProvisionRequest::new(visitor, at(NOW + 60))
    }

    async fn come(&self, identity: &Identity, issued_at: i64) -> Provisioned {
        self.other.provision(self.request(identity, issued_at)).await.unwrap()
    }

    /// The outcome of a visit between whose statements this happens.
    async fn visit(
        &self,
        identity: &Identity,
        issued_at: i64,
        happening: impl Future<Output = ()>,
    ) -> Outcome {
        let before = self.stranger.held();
        self.stranger.behave(Rules { hold: Some(WRITE), ..Rules::default() });
        let (store, request) = (self.held.clone(), self.request(identity, issued_at));
        let visit = tokio::spawn(async move { store.provision(request).await });
        while self.stranger.held() == before {
            assert!(!visit.is_finished(), "it wrote nothing");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        happening.await;
        self.stranger.behave(Rules::default());
        visit.await.unwrap()
    }

    async fn name(&self, id: &str) -> Option<String> {
        self.other.subscriber(project(), Lookup::ExternalId(id)).await.unwrap().and_then(|found| found.name)
    }
}

/// On a thread that may be blocked.
fn run(test: impl Future<Output = ()> + Send + 'static) {
    block_on(async { tokio::spawn(test).await.unwrap() });
}

#[test]
fn a_secret_that_is_regenerated_or_removed_lets_nothing_be_written() {
    run(async {
        for removes in [false, true] {
            let between = Between::new().await;
            let other = Arc::clone(&between.other);
            let regenerates = async || {
                if removes {
                    other.remove_secret(bot()).await.unwrap();
                } else {
                    other.regenerate_secret(bot()).await.unwrap();
                }
            };
            between.come(&identity("eve", "Eve", "2"), NOW).await;
            // A first visit, and one that would change a name.
            let first = between.visit(&identity("ada", "Ada", "1"), NOW, regenerates()).await;
            assert!(matches!(first, Err(ProvisionError::SecretChanged)), "{first:?}");
            assert_eq!(other.subscriber_count(project()).await.unwrap(), 1);

            let between = Between::new().await;
            let other = Arc::clone(&between.other);
            let regenerates = async || drop(other.regenerate_secret(bot()).await.unwrap());
            between.come(&identity("eve", "Eve", "2"), NOW).await;
            let changed = between.visit(&identity("eve", "Mallory", "2"), NOW + 1, regenerates()).await;
            assert!(matches!(changed, Err(ProvisionError::SecretChanged)), "{changed:?}");
            assert_eq!(between.name("2").await.as_deref(), Some("Eve"));
        }
    });
}

#[test]
fn the_same_first_visit_makes_nothing_twice() {
    run(async {
        let between = Between::new().await;
        let ada = identity("ada", "Ada", "1");
        let mut first = None;
        let happening = async { first = Some(between.come(&ada, NOW).await) };
        let second = between.visit(&ada, NOW, happening).await.unwrap();
        let first = first.unwrap();
        assert_eq!((first.granted, first.created_account), (Some(CREDITS), true));
        assert_eq!((second.account, second.subscriber), (first.account, first.subscriber));
        assert_eq!((second.granted, second.created_account, second.created_subscriber), (None, false, false));
        assert_eq!(between.other.subscriber_count(project()).await.unwrap(), 1);
    });
}

#[test]
fn who_is_forgotten_meanwhile_stays_forgotten() {
    run(async {
        let between = Between::new().await;
        let ada = between.come(&identity("ada", "Ada", "1"), NOW - 10).await;
        let forget = || async {
            assert!(between.other.forget(project(), ada.subscriber, at(NOW)).await.unwrap());
        };
        let changed = between.visit(&identity("ada", "Countess", "1"), NOW, forget()).await;
        assert!(matches!(changed, Err(ProvisionError::Forgotten)), "{changed:?}");
        assert_eq!(between.other.subscriber_count(project()).await.unwrap(), 0);
        // As one who is new, too: both names are free, and one of them is forgotten again.
        let again = between.come(&identity("ada", "Ada", "1"), NOW + 61).await;
        let moved = async {
            between.come(&identity("eve", "Ada", "1"), NOW + 61).await;
            between.other.forget(project(), again.subscriber, at(NOW + 30)).await.unwrap();
        };
        let eve = between.visit(&identity("eve", "Eve", "2"), NOW + 20, moved).await;
        assert!(matches!(eve, Err(ProvisionError::Forgotten)), "{eve:?}");
        assert_eq!(between.other.subscriber_count(project()).await.unwrap(), 0);
    });
}

#[test]
fn an_address_taken_during_a_visit_stays_with_its_new_holder() {
    run(async {
        let between = Between::new().await;
        let ada = between.come(&identity("ada", "Ada", "1"), NOW).await;
        let mut eve = None;
        let taken = async { eve = Some(between.come(&identity("new", "Eve", "2"), NOW).await) };
        let moved = between.visit(&identity("new", "Ada", "1"), NOW + 1, taken).await.unwrap();
        assert_eq!(moved.subscriber, ada.subscriber);
        let holder = moved.conflict.map(|conflict| conflict.email_holder);
        assert_eq!(holder, eve.map(|eve| eve.subscriber));
        let found = between.other.subscriber(project(), Lookup::Id(ada.subscriber)).await.unwrap().unwrap();
        assert_eq!(found.email.as_deref(), Some("ada@example.com"));
        assert_eq!(between.other.subscriber_count(project()).await.unwrap(), 2);
    });
}

#[test]
fn an_older_token_does_not_undo_what_a_newer_one_says_meanwhile() {
    run(async {
        let between = Between::new().await;
        let ada = between.come(&identity("ada", "Ada", "1"), NOW).await;
        let newer = async {
            between.come(&identity("ada", "Newest", "1"), NOW + 20).await;
        };
        let older = between.visit(&identity("ada", "Older", "1"), NOW + 10, newer).await.unwrap();
        assert_eq!(older.subscriber, ada.subscriber);
        assert_eq!(between.name("1").await.as_deref(), Some("Newest"));
    });
}

#[test]
fn a_free_tier_that_changes_meanwhile_is_the_one_that_is_granted() {
    run(async {
        let between = Between::new().await;
        let changes = async { between.other.set_free_tier(project(), Some(CREDITS + 1)).await.unwrap() };
        let first = between.visit(&identity("ada", "Ada", "1"), NOW, changes).await.unwrap();
        assert_eq!(first.granted, Some(CREDITS + 1));
    });
}

/// Two statements at once, neither of which sees what the other one writes: they meet in the name's row.
#[test]
fn a_name_that_another_statement_takes_at_the_same_time_is_theirs() {
    run(async {
        let between = Between::new().await;
        let (other, database) = (&between.other, &between.database);
        let ada = Identity::new("ada@example.com").unwrap();
        // The hash of her address, of which nothing is left.
        let erased = between.come(&ada, NOW - 600).await;
        let id = database.id(erased.subscriber.as_bytes());
        let hash = format!("SELECT name_hash FROM sso_names WHERE subscriber_id = {id}");
        let hash = tokio::task::block_in_place(|| database.text(&hash));
        other.forget(project(), erased.subscriber, at(NOW - 500)).await.unwrap();
        tokio::task::block_in_place(|| database.execute("DELETE FROM sso_names"));
        let eve = between.come(&identity("eve", "Eve", "2"), NOW).await;

        // Eve takes the address, and has not yet committed.
        let (client, connection) =
            tokio_postgres::connect(&database.address(), tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let (project_id, eve_id) = (project(), eve.subscriber);
        let takes = format!(
            "BEGIN;
            INSERT INTO sso.names (project_id, name_hash, subscriber_id)
            VALUES ('{project_id}', '{hash}', '{eve_id}');
            UPDATE sso.subscribers SET email = 'ada@example.com', revision = revision + 1
            WHERE id = '{eve_id}'"
        );
        client.batch_execute(&takes).await.unwrap();
        let (store, request) = (Arc::clone(other), between.request(&ada, NOW));
        let visit = tokio::spawn(async move { store.provision(request).await });
        database.until_waiting(1).await;
        client.batch_execute("COMMIT").await.unwrap();
        let visited = visit.await.unwrap().unwrap();
        assert_eq!((visited.subscriber, visited.created_subscriber), (eve.subscriber, false));
        assert_eq!(other.subscriber_count(project()).await.unwrap(), 1);
        drop(client);
        connection.await.unwrap().unwrap();
    });
}
