//! A returning visitor of the same day: what it costs the file, which is nothing.

use std::fs;

use boostgpt_sso::{Authenticator, Signer, Visitor};
use rusqlite::Connection;

use super::*;
use crate::support::bot;

const VISITS: usize = 100;

#[test]
fn a_returning_visitor_writes_nothing() {
    let place = Database::file();
    let path = place.path();
    block_on(async {
        let store = store_with_bot(&path).await;
        let signer = Signer::new(&current_secret(&store).await.secret);
        let authenticator = Authenticator::new(store.clone());
        let first = visit(&store, &person("ada")).await.unwrap();
        assert!(first.provisioned.created_subscriber);

        // SQLite's own count of what other connections have committed, and every byte that they could have
        // written.
        let watcher = Connection::open(&path).unwrap();
        let version = || watcher.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).unwrap();
        let bytes = || ["db", "db-wal"].map(|end| fs::read(path.with_extension(end)).unwrap());
        let (version_before, bytes_before) = (version(), bytes());
        for _ in 0..VISITS {
            let token = signer.sign_at(&person("ada"), now());
            match authenticator.authenticate_at(bot(), token.as_str(), now()).await.unwrap() {
                Visitor::Identified(session) => {
                    assert_eq!(session.provisioned.subscriber, first.provisioned.subscriber);
                    assert!(!session.provisioned.created_subscriber && session.provisioned.granted.is_none());
                }
                Visitor::Anonymous(reason) => panic!("anonymous: {reason}"),
            }
        }
        assert_eq!(version(), version_before);
        assert!(bytes() == bytes_before, "the files have changed");

        // The watch itself works: tomorrow's first visit is one commit.
        let tomorrow = now() + boostgpt_sso::time::Duration::DAY;
        let token = signer.sign_at(&person("ada"), tomorrow);
        authenticator.authenticate_at(bot(), token.as_str(), tomorrow).await.unwrap();
        assert_ne!(version(), version_before);
        let grown = bytes()[1].len() - bytes_before[1].len();
        assert!(grown > 0);
        let pages = grown / (4096 + 24);
        report(&format!(
            "{VISITS} returning visits wrote 0 bytes, 0 commits; the first of another day wrote {pages} pages"
        ));
    });
}
