//! Resealing where something cannot be opened.

use boostgpt_sso::{
    BotId,
    store::{MasterKey, SealingError, StoreError, connect},
};

use crate::{
    breaking::{current_secret, furnished_on, person, project, visit},
    database::{Database, MASTER_KEY, block_on},
};

#[test]
fn a_secret_that_cannot_be_opened_blocks_no_rotation() {
    let database = Database::on_server();
    block_on(async {
        let store = furnished_on(&database).await;
        let before = current_secret(&store).await;
        // Before and after the bot that is whole, in the order in which they are sealed anew.
        let broken = [BotId::from_bytes([1; 16]), BotId::from_bytes([0xff; 16])];
        for bot in broken {
            store.create_bot(project(), bot).await.unwrap();
            store.regenerate_secret(bot).await.unwrap();
            let id = database.id(bot.as_bytes());
            let sql = format!("UPDATE sso_bots SET sealing_key = '\\x0101010101010101' WHERE id = {id}");
            tokio::task::block_in_place(|| database.execute(&sql));
        }
        let both = MasterKey::from_bytes([9; 32]).with_previous(MASTER_KEY);
        let store = connect(&database.address(), both).await.unwrap();
        for _ in 0..2 {
            let error = store.reseal().await.expect_err("two secrets are under a key that is nowhere");
            assert!(matches!(error, StoreError::Sealing(SealingError::UnknownKey { .. })), "{error:?}");
        }
        // Everything else is under the new key alone.
        let store = connect(&database.address(), MasterKey::from_bytes([9; 32])).await.unwrap();
        assert!(current_secret(&store).await.version == before.version);
        visit(&store, &person("ada")).await.unwrap();
        store.current_secret(broken[0]).await.expect_err("it cannot be opened");
        for bot in broken {
            store.regenerate_secret(bot).await.unwrap();
        }
        assert_eq!(store.reseal().await.unwrap(), 0);
    });
}
