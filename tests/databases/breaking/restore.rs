//! A backup is restored under processes that have cached secrets.

use std::collections::HashMap;

use boostgpt_sso::{
    Authenticator, BotId, SecretVersion, Signer, SsoSecret,
    store::{SubscriberStore as _, connect},
};

use super::*;

#[test]
fn after_a_restore_and_a_regeneration_no_older_secret_opens() {
    for database in Database::each() {
        block_on(restore(&database, ""));
        if let Database::Server(_) = database {
            block_on(restore(&Database::on_server(), "?prepared_statements=true"));
        }
    }
}

/// Which secret each version has named, ever.
#[derive(Default)]
struct Versions(HashMap<(BotId, SecretVersion), String>);

impl Versions {
    async fn look(&mut self, store: &impl Store, bot: BotId) -> SsoSecret {
        let current = store.current_secret(bot).await.unwrap().into_secret().expect("a secret");
        let secret = current.secret.expose_secret().to_owned();
        let before = self.0.insert((bot, current.version), secret.clone());
        assert!(before.is_none_or(|before| before == secret), "a version names two secrets");
        current.secret
    }
}

/// The code of the reason, or `identified`.
async fn present(authenticator: &Authenticator, secret: &SsoSecret) -> &'static str {
    let token = Signer::new(secret).sign_at(&person("ada"), now());
    match authenticator.authenticate_at(bot(), token.as_str(), now()).await.expect("no store error") {
        Visitor::Identified(_) => "identified",
        Visitor::Anonymous(reason) => reason.code(),
    }
}

async fn restore(database: &Database, parameters: &str) {
    let address = format!("{}{parameters}", database.address());
    let open = || connect(&address, master_key());
    let store = open().await.unwrap();
    create_project_and_bot(&store).await.unwrap();
    let without_secret = BotId::from_bytes([0xb1; 16]);
    store.create_bot(project(), without_secret).await.unwrap();
    let (mut versions, mut secrets) = (Versions::default(), Vec::new());
    secrets.push(versions.look(&store, bot()).await);
    // Processes that are warm with what they have seen at different times.
    let mut processes = vec![Authenticator::new(open().await.unwrap())];
    for process in &processes {
        assert_eq!(present(process, &secrets[0]).await, "identified");
    }
    let backup = database.backup();
    for round in 0..2 {
        // After the backup, and undone by it.
        store.regenerate_secret(bot()).await.unwrap();
        store.regenerate_secret(without_secret).await.unwrap();
        let secret = versions.look(&store, bot()).await;
        versions.look(&store, without_secret).await;
        let new = Authenticator::new(open().await.unwrap());
        assert_eq!(present(&new, &secret).await, "identified");
        processes.push(new);
        secrets.push(secret);
        store.remove_secret(without_secret).await.unwrap();
        tokio::task::block_in_place(|| database.restore(&backup));
        let revived = versions.look(&store, bot()).await;
        assert!(revived == secrets[0], "{database}: the secret of its day");
        assert!(store.current_secret(without_secret).await.unwrap().into_secret().is_none());
        // No process takes what it has cached for what was restored.
        for (number, process) in processes.iter().enumerate() {
            for secret in &secrets[1..] {
                assert_eq!(present(process, secret).await, "bad_signature", "{database}, process {number}");
            }
        }
        // As documented.
        store.regenerate_secret(bot()).await.unwrap();
        let new = versions.look(&store, bot()).await;
        let cold = Authenticator::new(open().await.unwrap());
        for (number, process) in processes.iter().chain([&cold]).enumerate() {
            assert_eq!(present(process, &new).await, "identified", "{database}, round {round}, {number}");
            for secret in &secrets {
                assert_eq!(present(process, secret).await, "bad_signature", "{database}, process {number}");
            }
            assert_eq!(present(process, &new).await, "identified", "{database}, round {round}, {number}");
        }
        secrets.push(new);
    }
    assert_eq!(versions.0.len(), 1 + 2 * 3);
}
