//! Calls that are given up while a statement of theirs is on its way: it comes when a later call was
//! answered, and undoes nothing of it.

use std::{pin::pin, sync::Arc, time::Duration};

use boostgpt_sso::{
    Identity,
    store::{
        Lookup, MasterKey, PostgresOptions, PostgresStore, Project, Store, StoreError, SubscriberStore as _,
        connect,
    },
};
use tokio::runtime::Runtime;

use super::stranger::{Rules, Stranger};
use crate::{
    breaking::{CREDITS, create_project_and_bot, current_secret, person, project, provision},
    database::{Database, MASTER_KEY, block_on, master_key, server},
    support::{bot, now},
};

struct Late {
    stranger: Stranger,
    /// Where the store behind the stranger lives, and nothing else: its tasks are that store's.
    home: Runtime,
    held: PostgresStore,
    /// Another process.
    other: Arc<dyn Store>,
    database: Database,
}

impl Late {
    fn new(options: PostgresOptions, master_key: MasterKey) -> Self {
        let database = Database::on_server();
        let Database::Server(name) = &database else { unreachable!() };
        let other = block_on(database.connect()).unwrap();
        block_on(create_project_and_bot(&other)).unwrap();
        let stranger = block_on(Stranger::start(server().port()));
        let home =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let url = stranger.url(name);
        let held = home.block_on(PostgresStore::connect(&url, options.with_pool_size(1), master_key));
        Self { stranger, home, held: held.unwrap(), other, database }
    }

    /// Waits until nothing of a call is left: an open connection is one task.
    fn until_connections_are_all(&self, connections: usize) {
        let tasks = || self.home.metrics().num_alive_tasks();
        for _ in 0..2000 {
            if tasks() == connections {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{} tasks of the store do not end", tasks());
    }

    /// Drops the call when its statement with this text is held, lets that statement go when `meanwhile` is
    /// over, and waits until nothing of the call is left.
    fn drop_held<T>(&self, text: &'static str, call: impl Future<Output = T>, meanwhile: impl Future) {
        let before = self.stranger.held();
        self.stranger.behave(Rules { hold: Some(text), ..Rules::default() });
        block_on(async {
            let mut call = pin!(call);
            while self.stranger.held() == before {
                let answer = tokio::time::timeout(Duration::from_millis(2), &mut call).await;
                assert!(answer.is_err(), "{text} is not what the call writes");
            }
        });
        block_on(meanwhile);
        self.stranger.behave(Rules::default());
        self.until_connections_are_all(1);
    }
}

/// Longer than what happens meanwhile, on a slow machine too.
fn patient() -> PostgresOptions {
    PostgresOptions::new().with_statement_timeout(Duration::from_secs(60))
}

fn late() -> Late {
    Late::new(patient(), master_key())
}

#[test]
fn a_secret_that_was_shown_stays_when_an_earlier_regeneration_or_removal_comes_late() {
    const WRITE: &str = "UPDATE sso.bots";
    let late = late();
    for removes in [false, true] {
        let mut shown = None;
        let regenerates = async { shown = Some(late.other.regenerate_secret(bot()).await.unwrap()) };
        if removes {
            late.drop_held(WRITE, late.held.remove_secret(bot()), regenerates);
        } else {
            late.drop_held(WRITE, late.held.regenerate_secret(bot()), regenerates);
        }
        assert!(block_on(current_secret(&late.other)).secret == shown.unwrap(), "removes: {removes}");
    }
}

/// Also where the later call says what was there before the earlier one.
#[test]
fn a_free_tier_stays_when_an_earlier_one_comes_late() {
    const WRITE: &str = "UPDATE sso.projects";
    let late = late();
    for credits in [Some(CREDITS + 1), Some(CREDITS + 1), None] {
        let sets = async { late.other.set_free_tier(project(), credits).await.unwrap() };
        late.drop_held(WRITE, late.held.set_free_tier(project(), Some(7)), sets);
        let found = block_on(late.other.project(project())).unwrap().unwrap();
        assert_eq!(found.free_tier, credits);
    }
    let new = Project::new(boostgpt_sso::ProjectId::generate().unwrap());
    let creates = async { late.other.create_project(new.with_free_tier(1)).await.unwrap() };
    let earlier = late.held.create_project(new.with_free_tier(2));
    late.drop_held("INSERT INTO sso.projects", earlier, creates);
    assert_eq!(block_on(late.other.project(new.id)).unwrap().unwrap().free_tier, Some(1));
}

/// Under the master key of the later call, which may be the only one that is left; also where that is the key
/// from before.
#[test]
fn what_is_sealed_stays_sealed_when_an_earlier_reseal_comes_late() {
    let [old, earlier, later] = [MASTER_KEY, [8; 32], [9; 32]];
    let keys = |[first, second, third]: [[u8; 32]; 3]| {
        MasterKey::from_bytes(first).with_previous(second).with_previous(third)
    };
    for write in ["UPDATE sso.bots", "UPDATE sso.hash_key"] {
        let late = Late::new(patient(), keys([earlier, later, old]));
        let secret = block_on(current_secret(&late.other)).secret;
        let address = late.database.address();
        let reseals = async {
            for keys in [keys([later, earlier, old]), keys([old, later, earlier])] {
                assert_eq!(connect(&address, keys).await.unwrap().reseal().await.unwrap(), 2);
            }
        };
        late.drop_held(write, late.held.reseal(), reseals);
        let alone = block_on(connect(&address, MasterKey::from_bytes(old))).expect(write);
        assert!(block_on(current_secret(&alone)).secret == secret, "{write}");
    }
}

#[test]
fn who_came_again_stays_when_an_earlier_erasure_comes_late() {
    let late = late();
    let first = block_on(provision(&late.other, &person("ada"))).unwrap().subscriber;
    // A new name, so that there is something to undo.
    let renamed = Identity::new("ada@example.com").unwrap().with_external_id("ada").unwrap();
    let renamed = renamed.with_name("Countess").unwrap();
    let comes = async { provision(&late.other, &renamed).await.unwrap() };
    late.drop_held("DELETE FROM sso.subscribers", late.held.forget(project(), first, now()), comes);
    let found = block_on(late.other.subscriber(project(), Lookup::Id(first))).unwrap();
    assert_eq!(found.and_then(|found| found.name).as_deref(), Some("Countess"));
}

/// A server that waits for its standby takes one for leave to answer without it.
#[test]
fn a_statement_that_is_late_is_never_cancelled() {
    let options = PostgresOptions::new().with_statement_timeout(Duration::from_secs(1));
    let late = Late::new(options, master_key());
    late.stranger.behave(Rules { hold: Some("LEFT JOIN sso.bots"), ..Rules::default() });
    let answer = block_on(late.held.current_secret(bot())).map(drop);
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    // Nor when its connection is closed.
    late.until_connections_are_all(0);
    // A request would come over a connection of its own.
    let Database::Server(name) = &late.database else { unreachable!() };
    let url = late.stranger.url(name);
    assert_eq!(late.stranger.cancelled(), 0);
    late.stranger.behave(Rules::default());
    block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.cancel_token().cancel_query(tokio_postgres::NoTls).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    });
    for _ in 0..500 {
        if late.stranger.cancelled() == 1 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("a request to cancel is not noticed: the test sees none");
}
