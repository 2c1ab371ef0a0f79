//! The cache has bounds.

use std::time::Duration;

use super::{
    Authenticator, Visitor,
    cache::{Creations, MAX_BOTS},
};
use crate::{
    id::{BotId, ProjectId},
    identity::Identity,
    secret::SsoSecret,
    signer::Signer,
    store::{MemoryStore, Project, Store},
};

/// The cache has an end, and a bot that is dropped from it is read again.
#[tokio::test]
async fn bots_are_kept_up_to_a_number() {
    let store = MemoryStore::new();
    let project = ProjectId::generate().unwrap();
    store.create_project(Project::new(project)).await.unwrap();
    let mut bots = Vec::new();
    for _ in 0..MAX_BOTS * 2 {
        let bot = BotId::generate().unwrap();
        store.create_bot(project, bot).await.unwrap();
        bots.push((bot, Signer::new(&store.regenerate_secret(bot).await.unwrap())));
    }
    let authenticator = Authenticator::new(store);
    let ada = Identity::new("ada@example.com").unwrap();
    for round in 0..3 {
        for (number, (bot, signer)) in bots.iter().enumerate() {
            let visitor = authenticator.authenticate(*bot, signer.sign(&ada)).await.unwrap();
            assert!(matches!(visitor, Visitor::Identified(_)));
            let kept = if round == 0 { MAX_BOTS.min(number + 1) } else { MAX_BOTS };
            assert_eq!(format!("{authenticator:?}"), format!("Authenticator {{ bots: {kept}, .. }}"));
        }
    }
    // A bot that is kept takes no other's place, and neither do bots without a secret.
    let (bot, signer) = &bots[bots.len() - 1];
    let kept = |authenticator: &Authenticator| {
        let mut kept: Vec<_> = authenticator.cache.bots.read().unwrap().keys().copied().collect();
        kept.sort_unstable();
        kept
    };
    let before = kept(&authenticator);
    authenticator.authenticate(*bot, "a.b.c").await.unwrap();
    let forged = Signer::new(&SsoSecret::generate().unwrap()).sign(&ada);
    authenticator.authenticate(*bot, &forged).await.unwrap();
    authenticator.authenticate(*bot, signer.sign(&ada)).await.unwrap();
    for _ in 0..MAX_BOTS * 3 {
        authenticator.authenticate(BotId::generate().unwrap(), &forged).await.unwrap();
        assert!(authenticator.cache.slots().len() <= MAX_BOTS);
    }
    assert_eq!(kept(&authenticator), before);
}

#[test]
fn creations_are_limited_per_minute() {
    let creations = Creations::default();
    let at = Duration::from_secs;
    assert!((0..3).all(|_| creations.take(3, at(59))));
    assert!(!creations.take(3, at(59)));
    creations.give_back(at(59));
    assert!(creations.take(3, at(59)) && !creations.take(3, at(59)));
    creations.give_back(at(60)); // of the minute before
    assert!((0..3).all(|_| creations.take(3, at(119))) && !creations.take(3, at(60)));
}
