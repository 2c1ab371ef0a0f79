//! Random histories of visits and erasures on every adapter, with the memory store as the oracle.

use std::sync::{Arc, LazyLock};

use boostgpt_sso::store::{Store, connect};
use histories::{Step, histories, play};
use proptest::prelude::*;

use crate::database::{Database, ISOLATION, block_on, master_key};

/// One database for each isolation level, opened once.
static ON_SERVER: LazyLock<Vec<(Database, Arc<dyn Store>)>> = LazyLock::new(|| {
    let open = |level| {
        let database = Database::with_isolation(level);
        let store = block_on(database.connect()).unwrap();
        (database, store)
    };
    ISOLATION.map(open).into()
});

async fn run(steps: Vec<Step>) {
    let file = Database::file();
    let mut stores = Vec::new();
    for address in ["sqlite::memory:", &file.address()] {
        stores.push(connect(address, master_key()).await.unwrap());
    }
    for (database, store) in &*ON_SERVER {
        // Accounts are not a project's: those of the history before are other people's.
        database.execute(
            "TRUNCATE sso_accounts, sso_subscribers, sso_names, sso_past_addresses, sso_grants, sso_visits",
        );
        stores.push(Arc::clone(store));
    }
    play(steps, stores, "").await;
}

proptest! {
    // A file waits for the disk at every write.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn every_adapter_does_what_the_oracle_does(steps in histories()) {
        LazyLock::force(&ON_SERVER); // not within a runtime
        block_on(run(steps));
    }
}
