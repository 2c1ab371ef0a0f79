//! Master keys that are wrong, and sealed secrets that are damaged or moved.

use std::{future::poll_fn, task::Poll};

use boostgpt_sso::{
    Authenticator, BotId, Signer,
    store::{SealingError, connect},
};

use super::*;
use crate::support::{OTHER_BOT, bot};

fn other_bot() -> BotId {
    OTHER_BOT.parse().unwrap()
}

#[track_caller]
fn is_sealing<T>(outcome: Result<T, StoreError>, expected: impl Fn(&SealingError) -> bool) {
    match outcome {
        Err(StoreError::Sealing(error)) if expected(&error) => {}
        Err(error) => panic!("{error}: {error:?}"),
        Ok(_) => panic!("it opened"),
    }
}

#[test]
fn a_wrong_master_key_is_named_at_the_door() {
    Database::each().iter().for_each(|database| block_on(wrong_key(database)));
}

async fn wrong_key(database: &Database) {
    {
        close_on(furnished_on(database).await, database);
        let wrong = MasterKey::from_bytes([8; 32]);
        let (held, needed) = (wrong.id(), master_key().id());
        is_sealing(connect(&database.address(), wrong).await, |error| {
            *error == SealingError::UnknownKey { sealed_with: needed, first_held: held }
        });
        visit(&database.connect().await.unwrap(), &person("ada")).await.unwrap();
    }
}

#[test]
fn a_damaged_or_moved_secret_is_an_error_and_no_visitor_is_anonymous() {
    Database::each().iter().for_each(|database| block_on(damage(database)));
}

async fn damage(database: &Database) {
    {
        let store = furnished_on(database).await;
        store.create_bot(project(), other_bot()).await.unwrap();
        store.regenerate_secret(other_bot()).await.unwrap();
        let token = Signer::new(&current_secret(&store).await.secret).sign_at(&person("ada"), now());
        let warm = Authenticator::new(store.clone());
        warm.authenticate_at(bot(), token.as_str(), now()).await.unwrap();

        let row = |bot: BotId| format!("sso_bots WHERE id = {}", database.id(bot.as_bytes()));
        let read = |bot: BotId| {
            let version = match database {
                Database::File(..) => "secret_version",
                Database::Server(_) => "uuid_send(secret_version)",
            };
            let version = <[u8; 16]>::try_from(database.blob(version, &row(bot))).unwrap();
            let (key, sealed) = ("sealing_key", "sealed_secret");
            (database.blob(key, &row(bot)), database.blob(sealed, &row(bot)), version)
        };
        let put = |key: &[u8], sealed: &[u8], version: [u8; 16]| {
            let version = database.id(&version);
            let (key, sealed, bot) =
                (database.bytes(key), database.bytes(sealed), database.id(bot().as_bytes()));
            database.execute(&format!(
                "UPDATE sso_bots SET sealing_key = {key}, sealed_secret = {sealed}, secret_version = {version}
                WHERE id = {bot}"
            ));
        };
        let (key, sealed, version) = read(bot());
        let (_, moved, _) = read(other_bot());
        let mut newer = version;
        newer[15] ^= 1;
        let mut flipped = sealed.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let damaged = |error: &SealingError| *error == SealingError::Damaged;
        let unknown = |error: &SealingError| matches!(error, SealingError::UnknownKey { .. });
        type Expected = fn(&SealingError) -> bool;
        #[allow(clippy::type_complexity, reason = "a table")]
        let cases: [(&[u8], &[u8], [u8; 16], Expected); 7] = [
            (&key, &flipped, version, damaged),
            (&key, &sealed[..sealed.len() - 1], version, damaged),
            (&key, &sealed[..10], version, damaged),
            (&key, &[], version, damaged),
            (&key, &moved, version, damaged),
            // An old secret put back under a newer version: it would bring dead tokens to life.
            (&key, &sealed, newer, damaged),
            (&[1; 8], &sealed, version, unknown),
        ];
        for (key, sealed, version, expected) in cases {
            put(key, sealed, version);
            is_sealing(store.current_secret(bot()).await, expected);
            let cold = Authenticator::new(store.clone());
            is_sealing(cold.authenticate_at(bot(), token.as_str(), now()).await, expected);
        }
        // Another process holds the key still, of that version: it may go on, but not under another version.
        put(&key, &sealed, newer);
        is_sealing(warm.authenticate_at(bot(), token.as_str(), now()).await, damaged);
        // A sealing key of a length that is none.
        put(&[1; 3], &sealed, version);
        store.current_secret(bot()).await.expect_err("a key id of three bytes");

        put(&key, &sealed, version);
        assert!(!visit(&store, &person("ada")).await.unwrap().provisioned.created_subscriber);
    }
}

#[test]
fn master_keys_are_rotated_without_a_token_lost() {
    Database::each().iter().for_each(|database| block_on(rotate(database)));
}

async fn rotate(database: &Database) {
    {
        let store = furnished_on(database).await;
        store.create_bot(project(), other_bot()).await.unwrap();
        store.regenerate_secret(other_bot()).await.unwrap();
        let before = current_secret(&store).await;
        close_on(store, database);

        let both = MasterKey::from_bytes([9; 32]).with_previous(MASTER_KEY);
        let store = connect(&database.address(), both).await.unwrap();
        assert!(current_secret(&store).await.secret == before.secret);
        // Two bots, and the key of the hashes of forgotten names.
        assert_eq!(store.reseal().await.unwrap(), 3);
        assert_eq!(store.reseal().await.unwrap(), 0);
        close_on(store, database);

        is_sealing(database.connect().await, |error| matches!(error, SealingError::UnknownKey { .. }));
        let store = connect(&database.address(), MasterKey::from_bytes([9; 32])).await.unwrap();
        let after = current_secret(&store).await;
        assert!(after.secret == before.secret && after.version == before.version);
        visit(&store, &person("ada")).await.unwrap();
    }
}

#[test]
fn resealing_is_blocked_by_no_secret_that_cannot_be_opened() {
    Database::each().iter().for_each(|database| block_on(reseal_around_damage(database)));
}

async fn reseal_around_damage(database: &Database) {
    let store = furnished_on(database).await;
    let before = current_secret(&store).await;
    // Before and after the bot that is whole, in the order in which they are sealed anew.
    let first = BotId::from_bytes([0; 16]);
    let broken = [[1; 16], [2; 16], [0xfe; 16], [0xff; 16]].map(BotId::from_bytes);
    let damages: [(&str, &[u8]); 4] = [
        ("sealing_key", &[1; 8]),
        ("sealed_secret", &[7; 72]),
        ("sealing_key", &[1; 3]),
        ("sealed_secret", &[]),
    ];
    for bot in [first].iter().chain(&broken) {
        store.create_bot(project(), *bot).await.unwrap();
        store.regenerate_secret(*bot).await.unwrap();
    }
    for (bot, (column, bytes)) in broken.iter().zip(damages) {
        let (id, bytes) = (database.id(bot.as_bytes()), database.bytes(bytes));
        database.execute(&format!("UPDATE sso_bots SET {column} = {bytes} WHERE id = {id}"));
    }
    close_on(store, database);
    let both = MasterKey::from_bytes([9; 32]).with_previous(MASTER_KEY);
    let store = connect(&database.address(), both).await.unwrap();
    for _ in 0..2 {
        is_sealing(store.reseal().await, |error| matches!(error, SealingError::UnknownKey { .. }));
    }
    close_on(store, database);
    // Everything else is under the new key alone.
    let store = connect(&database.address(), MasterKey::from_bytes([9; 32])).await.unwrap();
    assert!(current_secret(&store).await.version == before.version);
    visit(&store, &person("ada")).await.unwrap();
    assert!(store.current_secret(first).await.unwrap().into_secret().is_some());
    for bot in broken {
        store.current_secret(bot).await.expect_err("it cannot be opened");
        store.regenerate_secret(bot).await.unwrap();
    }
    assert_eq!(store.reseal().await.unwrap(), 0);
}

#[test]
fn resealing_that_ends_midway_goes_on_where_it_ended() {
    Database::each().iter().for_each(|database| block_on(reseal_in_two_parts(database)));
}

async fn reseal_in_two_parts(database: &Database) {
    const BOTS: u64 = 120;
    let store = furnished_on(database).await;
    for number in 1..BOTS {
        let bot = BotId::from_bytes(u128::from(number).to_be_bytes());
        store.create_bot(project(), bot).await.unwrap();
        store.regenerate_secret(bot).await.unwrap();
    }
    let old = database.blob("sealing_key", "sso_hash_key");
    close_on(store, database);
    let keys = || MasterKey::from_bytes([9; 32]).with_previous(MASTER_KEY);
    let store = connect(&database.address(), keys()).await.unwrap();
    let old = database.bytes(&old);
    let sealed_anew =
        || database.number(&format!("SELECT count(*) FROM sso_bots WHERE sealing_key <> {old}"));
    {
        // It is asked once and then left, in the middle.
        let mut resealing = store.reseal();
        let is_pending = poll_fn(|context| Poll::Ready(resealing.as_mut().poll(context).is_pending())).await;
        assert!(is_pending, "{database}: it is one step");
        for _ in 0..500 {
            if sealed_anew() > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let first_part = sealed_anew();
    assert!((1..BOTS).contains(&first_part), "{database}: {first_part} of {BOTS} are sealed anew");
    // The store still opens only with both keys.
    is_sealing(connect(&database.address(), MasterKey::from_bytes([9; 32])).await, |error| {
        matches!(error, SealingError::UnknownKey { .. })
    });
    visit(&store, &person("ada")).await.unwrap();
    // What is left, and the key of the names.
    assert_eq!(store.reseal().await.unwrap(), BOTS - first_part + 1, "{database}");
    close_on(store, database);
    let store = connect(&database.address(), MasterKey::from_bytes([9; 32])).await.unwrap();
    visit(&store, &person("ada")).await.unwrap();
}
