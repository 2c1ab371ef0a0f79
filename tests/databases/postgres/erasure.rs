//! Erasure, by bytes: what is left of a person in any column, alone or joined with any other.

use std::sync::Arc;

use boostgpt_sso::{
    BotId, Email, Identity, ProjectId, Signer,
    store::{
        MasterKey, Project, ProvisionError, ProvisionRequest, Provisioned, Store, SubscriberStore as _,
        connect_existing,
    },
};

use super::contents::{all, places};
use crate::{
    breaking::project,
    database::{Database, block_on},
    support::{NOW, OTHER_BOT, at, bot, now},
};

const OTHER: ProjectId = ProjectId::from_bytes([0x51; 16]);

async fn visit(store: &dyn Store, bot: BotId, address: &str, name: &str, id: &str) -> Provisioned {
    let current = store.current_secret(bot).await.unwrap().into_secret().unwrap();
    let identity = Identity::new(address).unwrap().with_name(name).unwrap().with_external_id(id).unwrap();
    let token = Signer::new(&current.secret).sign_at(&identity, now());
    let visitor = current.verifier().verify_at(token.as_str(), now()).unwrap();
    store.provision(ProvisionRequest::new(visitor, now())).await.unwrap()
}

async fn two_projects(store: &dyn Store) -> [BotId; 2] {
    store.create_project(Project::new(project()).with_free_tier(crate::breaking::CREDITS)).await.unwrap();
    store.create_bot(project(), bot()).await.unwrap();
    store.regenerate_secret(bot()).await.unwrap();
    let other: BotId = OTHER_BOT.parse().unwrap();
    store.create_project(Project::new(OTHER).with_free_tier(7)).await.unwrap();
    store.create_bot(OTHER, other).await.unwrap();
    store.regenerate_secret(other).await.unwrap();
    [bot(), other]
}

/// Whose address another one is about to come with, when both statements are under way: `tests/model` found
/// that the account got the erased address back.
#[test]
fn the_address_of_an_erased_holder_does_not_come_back_with_a_visit_at_the_same_moment() {
    const ADDRESS: &str = "office@shared.example";
    let database = Database::on_server();
    block_on(async {
        let store = database.connect().await.unwrap();
        let [here, _] = two_projects(&*store).await;
        let holder = visit(&*store, here, ADDRESS, "Ada", "first").await;
        let (other, connection) =
            tokio_postgres::connect(&database.address(), tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        other.batch_execute("BEGIN; SELECT 1 FROM sso.accounts FOR UPDATE").await.unwrap();
        let erasing = {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.forget(project(), holder.subscriber, now()).await })
        };
        database.until_waiting(1).await;
        let current = store.current_secret(here).await.unwrap().into_secret().unwrap();
        let next = Identity::new(ADDRESS).unwrap().with_external_id("second").unwrap();
        let token = Signer::new(&current.secret).sign_at(&next, now());
        let visitor = current.verifier().verify_at(token.as_str(), now()).unwrap();
        let visiting = {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.provision(ProvisionRequest::new(visitor, now())).await })
        };
        database.until_waiting(2).await;
        other.batch_execute("COMMIT").await.unwrap();
        assert!(erasing.await.unwrap().unwrap());
        let refused = visiting.await.unwrap().expect_err("issued before the erasure");
        assert!(matches!(refused, ProvisionError::Forgotten), "{refused:?}");
        drop(other);
        connection.await.unwrap().unwrap();
        let rows = tokio::task::block_in_place(|| all(&database));
        assert!(places(&rows, ADDRESS).is_empty(), "{:?}", places(&rows, ADDRESS));
    });
}

/// An address is looked for in 500 projects at once. Those that were made first are looked into last.
#[test]
fn an_address_is_found_in_the_oldest_of_many_projects() {
    const ADDRESS: &str = "ada@example.com";
    let database = Database::on_server();
    block_on(async {
        let store = database.connect().await.unwrap();
        let [here, there] = two_projects(&*store).await;
        let ada = visit(&*store, here, ADDRESS, "Ada", "1").await;
        // Ids of projects begin with 0x51 at most; these are newer.
        let more = "INSERT INTO sso_projects (id)
            SELECT CAST('ff' || substr(md5(CAST(n AS text)), 3) AS uuid) FROM generate_series(1, 1001) n";
        tokio::task::block_in_place(|| database.execute(more));
        let email = Email::new(ADDRESS).unwrap();
        assert_eq!(store.subscribers_by_email(email).await.unwrap().len(), 1);
        // The account keeps its address while a subscriber of any project has it.
        let ada_there = visit(&*store, there, ADDRESS, "Ada", "1").await;
        assert_eq!(ada_there.account, ada.account);
        assert!(store.forget(OTHER, ada_there.subscriber, now()).await.unwrap());
        let kept = "SELECT count(*) FROM sso_accounts WHERE email_key IS NOT NULL";
        assert_eq!(tokio::task::block_in_place(|| database.number(kept)), 1);
        let keyless = connect_existing(&database.address(), MasterKey::none()).await.unwrap();
        assert_eq!(keyless.subscribers_by_email(email).await.unwrap().len(), 1);
    });
}

#[test]
fn nothing_in_any_column_tells_who_was_forgotten() {
    let database = Database::on_server();
    block_on(async {
        let store = database.connect().await.unwrap();
        let [here, there] = two_projects(&*store).await;
        // In both projects, with an address that changed; in this one only; and one who stays.
        visit(&*store, here, "countess@old.example", "Augusta King", "lovelace-1815").await;
        let ada = visit(&*store, here, "ada@new.example", "Augusta King", "lovelace-1815").await;
        let ada_there = visit(&*store, there, "countess@old.example", "Augusta King", "lovelace-1815").await;
        assert_eq!(ada.account, ada_there.account);
        let eve = visit(&*store, here, "Eve@Only.example", "Evelyn Boyd", "granville").await;
        let grace = visit(&*store, here, "grace@stays.example", "Grace", "hopper").await;
        visit(&*store, there, "grace@stays.example", "Grace", "hopper").await;

        let before = tokio::task::block_in_place(|| all(&database));
        for text in ["Eve@Only.example", "Evelyn Boyd", "granville", &eve.subscriber.to_string()] {
            assert!(!places(&before, text).is_empty(), "{text}: the search does not work");
        }
        for subscriber in [ada.subscriber, eve.subscriber] {
            assert!(store.forget(project(), subscriber, now()).await.unwrap());
        }

        let rows = tokio::task::block_in_place(|| all(&database));
        // Of who was in this project only: nothing at all.
        let ids = [eve.subscriber.to_string(), eve.account.to_string(), ada.subscriber.to_string()];
        for text in ["eve@only.example", "Evelyn Boyd", "granville", "ada@new.example"] {
            assert_eq!(places(&rows, text).len(), 0, "{text}: {:?}", places(&rows, text));
        }
        for text in ids {
            assert_eq!(places(&rows, &text).len(), 0, "{text}: {:?}", places(&rows, &text));
        }
        // Of who is in the other one still: nothing in this project's rows, and nothing that they can be
        // joined by.
        let this = project().to_string();
        let (of_this, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_of(&this));
        for text in ["countess@old.example", "Augusta King", "lovelace-1815", &ada.account.to_string()] {
            assert_eq!(places(&of_this, text).len(), 0, "{text}: {:?}", places(&of_this, text));
        }
        let of_ada: Vec<_> =
            others.iter().filter(|row| row.texts().any(|text| text == ada.account.to_string())).collect();
        assert!(!of_ada.is_empty(), "the other project's subscriber is still there");
        for row in &of_ada {
            assert!(row.texts().all(|text| text != this), "{} names the project", row.table);
        }
        let kept = grace.account.to_string();
        for row in of_this.iter().filter(|row| row.table != "bots") {
            // Grace's rows may be joined with hers: she is not forgotten.
            let is_graces = row.texts().any(|text| text == kept || text == grace.subscriber.to_string());
            // Days, the project, and numbers are not a person's.
            let keys = row.texts().filter(|text| text.len() > 10 && *text != this);
            for key in keys.filter(|_| !is_graces) {
                let joined = others.iter().find(|other| other.texts().any(|text| text == key));
                assert!(joined.is_none(), "{}: {key} joins {}", row.table, joined.unwrap().table);
            }
        }
        // What was counted stays counted.
        let days = store.activity(project(), now().date(), now().date()).await.unwrap();
        assert_eq!((days[0].active, days[0].new), (3, 3));
        // And none of them has a free tier twice.
        let later = now() + boostgpt_sso::time::Duration::HOUR;
        let current = store.current_secret(here).await.unwrap().into_secret().unwrap();
        for address in ["countess@old.example", "ada@new.example", "eve@only.example"] {
            let token = Signer::new(&current.secret).sign_at(&Identity::new(address).unwrap(), later);
            let visitor = current.verifier().verify_at(token.as_str(), later).unwrap();
            let again = store.provision(ProvisionRequest::new(visitor, later)).await.unwrap();
            assert!(again.created_subscriber && again.granted.is_none(), "{address}: {again:?}");
        }
    });
}

#[test]
fn an_account_loses_its_address_with_the_last_who_has_it() {
    let database = Database::on_server();
    block_on(async {
        let store = database.connect().await.unwrap();
        let [here, there] = two_projects(&*store).await;
        let (mail, address) =
            ("mail@recycled.example", "SELECT count(*) FROM sso_accounts WHERE email_key IS NOT NULL");
        let one = visit(&*store, here, mail, "One", "1").await;
        let two = visit(&*store, here, mail, "Two", "2").await;
        let three = visit(&*store, there, mail, "Three", "3").await;
        assert!(one.account == two.account && one.account == three.account && two.conflict.is_some());

        // The other project's subscriber has the address still.
        store.forget(project(), one.subscriber, now()).await.unwrap();
        tokio::task::block_in_place(|| assert_eq!(database.number(address), 1));
        store.forget(OTHER, three.subscriber, now()).await.unwrap();
        let rows = tokio::task::block_in_place(|| all(&database));
        assert_eq!(places(&rows, mail).len(), 0, "{:?}", places(&rows, mail));
        // Who is left keeps the account and what was granted to it; it is forgotten with them.
        let left = store.subscribers(project(), None, 10).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].account, left[0].granted), (one.account, Some(crate::breaking::CREDITS)));
        assert!(!visit(&*store, here, "two@new.example", "Two", "2").await.created_subscriber);
        store.forget(project(), two.subscriber, now()).await.unwrap();
        tokio::task::block_in_place(|| {
            assert_eq!(database.number("SELECT count(*) FROM sso_accounts"), 0);
            assert_eq!(database.number("SELECT count(*) FROM sso_grants"), 0);
        });
    });
}

/// The clocks of two processes differ: an erasure as of an earlier moment leaves the line where it was.
#[test]
fn the_line_of_an_erasure_never_moves_back() {
    let database = Database::on_server();
    block_on(async {
        let store = database.connect().await.unwrap();
        let [here, _] = two_projects(&*store).await;
        let current = store.current_secret(here).await.unwrap().into_secret().unwrap();
        let come = async |address: &str, id: &str, issued_at: i64| {
            let identity = Identity::new(address).unwrap().with_external_id(id).unwrap();
            let token = Signer::new(&current.secret).sign_at(&identity, at(issued_at));
            let visitor = current.verifier().verify_at(token.as_str(), at(issued_at)).unwrap();
            store.provision(ProvisionRequest::new(visitor, at(issued_at))).await
        };
        let first = come("ada@example.com", "1815", NOW).await.unwrap();
        store.forget(project(), first.subscriber, at(NOW + 1000)).await.unwrap();
        let second = come("ada@example.com", "1815", NOW + 1100).await.unwrap();
        assert!(second.created_subscriber);
        store.forget(project(), second.subscriber, at(NOW + 100)).await.unwrap();
        for (address, id) in [("ada@example.com", "other"), ("other@example.com", "1815")] {
            let between = come(address, id, NOW + 900).await;
            assert!(matches!(between, Err(ProvisionError::Forgotten)), "{between:?}");
        }
        assert!(come("ada@example.com", "1815", NOW + 1100).await.unwrap().created_subscriber);
    });
}
