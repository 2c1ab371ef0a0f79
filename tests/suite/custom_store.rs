//! The example of a service with tables of its own keeps the contract, and stays short.

use boostgpt_sso::store::{MasterKey, conformance};
use rusqlite::Connection;

#[path = "../../examples/custom_store/fixture.rs"]
mod fixture;
#[path = "../../examples/custom_store/tables.rs"]
mod tables;

use crate::conforming::block_on;
use tables::Tables;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_s_own_tables_conform_and_again_beside_themselves() {
    let tables = Tables::new(Connection::open_in_memory().unwrap(), MasterKey::generate().unwrap()).unwrap();
    conformance::subscriber_store(&tables).await;
    tokio::join!(conformance::subscriber_store(&tables), conformance::subscriber_store(&tables));
}

#[test]
fn a_service_s_own_tables_conform_on_threads() {
    let tables = Tables::new(Connection::open_in_memory().unwrap(), MasterKey::generate().unwrap()).unwrap();
    conformance::threads(&tables, &|visit| block_on(visit));
}

#[test]
fn the_two_methods_take_at_most_250_lines() {
    let lines = include_str!("../../examples/custom_store/tables.rs").lines().count();
    assert!(lines <= 250, "{lines}");
}
