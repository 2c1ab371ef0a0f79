//! Sealing anew under the first master key.

use super::super::contract::Store;
use super::fixture::{Agent, current_bot_secret};

/// `reseal` changes neither a secret nor its version.
pub async fn resealing_keeps_secrets_and_versions(store: &dyn Store) {
    let agent = Agent::new(store).await;
    for number in 0..2 {
        let count = store.reseal().await;
        let count = count.expect("reseal works: give the store every master key that its contents need");
        assert!(number == 0 || count == 0, "what is sealed under the first key is not sealed anew: {count}");
        let after = current_bot_secret(store, agent.bot).await.expect("reseal takes no secret away");
        assert_eq!(after.version, agent.current.version, "reseal keeps the version");
        assert!(after.secret == agent.current.secret, "reseal keeps the secret");
    }
    agent.visit(&agent.person("ada", "", "")).await;
}
