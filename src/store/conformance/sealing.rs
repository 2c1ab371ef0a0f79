//! Sealing anew under the first master key.

use super::super::contract::Store;
use super::fixture::{Agent, current};

/// `reseal` changes neither a secret nor its version.
pub async fn resealing_keeps_secrets_and_versions(store: &dyn Store) {
    let agent = Agent::new(store).await;
    for _ in 0..2 {
        store.reseal().await.expect("reseal works: give the store every master key that its contents need");
        let after = current(store, agent.bot).await.expect("reseal takes no secret away");
        assert_eq!(after.version, agent.current.version, "reseal keeps the version");
        assert!(after.secret == agent.current.secret, "reseal keeps the secret");
    }
    agent.visit(&agent.person("ada", "", "")).await;
}
