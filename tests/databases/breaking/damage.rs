//! A file with a damaged page: an error where the damage is met, never a stranger's session, a second account
//! or a visitor who is told to stay anonymous.

use boostgpt_sso::store::SubscriberStore as _;
use std::fs;

use super::*;

const PEOPLE: usize = 120;

/// What a page can be found to be after a bad disk.
const DAMAGE: [fn(usize) -> u8; 3] =
    [|_| 0xff, |position| (position.wrapping_mul(2_654_435_761) >> 7) as u8, |_| 0];

#[test]
fn a_damaged_page_is_an_error_and_mixes_up_no_visitors() {
    let place = Database::file();
    let path = place.path();
    let known = block_on(async {
        let store = store_with_bot(&path).await;
        let mut known = Vec::new();
        for number in 0..PEOPLE {
            known.push(visit(&store, &person(&format!("p{number}"))).await.unwrap().provisioned.subscriber);
        }
        close(store, &path);
        known
    });
    let whole = fs::read(&path).unwrap();
    let page_size = place.number("PRAGMA page_size") as usize;
    let pages = whole.len() / page_size;
    let (mut at_the_door, mut later, mut unharmed) = (0, 0, 0);
    for (page, byte) in (0..pages).flat_map(|page| DAMAGE.iter().map(move |damage| (page, damage))) {
        let mut copy = whole.clone();
        let bytes = &mut copy[page * page_size..(page + 1) * page_size];
        bytes.iter_mut().enumerate().for_each(|(position, slot)| *slot = byte(position));
        fs::write(&path, &copy).unwrap();
        match block_on(open(&path)) {
            Err(error) => {
                at_the_door += 1;
                damaged(&error, page);
            }
            Ok(store) => {
                let failed = block_on(meet(&store, &known, page));
                *if failed { &mut later } else { &mut unharmed } += 1;
                drop(store);
            }
        }
        clear(&path);
    }
    assert!(at_the_door > 0 && later > 0, "{at_the_door} at the door, {later} later");
    report(&format!(
        "damaged pages {}: refused at the door {at_the_door}, an error when met {later}, not met {unharmed}; \
         strangers 0, anonymous 0",
        pages * DAMAGE.len()
    ));

    // Cut off in the middle.
    fs::write(&path, &whole[..page_size * (pages / 2)]).unwrap();
    match block_on(open(&path)) {
        Err(error) => damaged(&error, pages),
        Ok(store) => assert!(block_on(meet(&store, &known, pages)), "half a file went unnoticed"),
    }
    clear(&path);
}

/// Waits for the store's threads to let go, and takes away what they left beside the file.
fn clear(path: &Path) {
    for end in ["db-wal", "db-shm"] {
        let beside = path.with_extension(end);
        for _ in 0..20 {
            if !beside.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = fs::remove_file(beside);
    }
}

#[track_caller]
fn damaged(error: &StoreError, page: usize) {
    assert!(matches!(error, StoreError::Corrupt(_)), "page {page}: {error}: {error:?}");
}

/// Lets all known people and a new one come, and returns whether any of them met the damage.
async fn meet(store: &SqliteStore, known: &[boostgpt_sso::SubscriberId], page: usize) -> bool {
    let secret = match store.current_secret(bot()).await {
        Ok(state) => state.into_secret().unwrap_or_else(|| panic!("page {page}: the secret is gone")),
        Err(error) => {
            damaged(&error, page);
            return true;
        }
    };
    let authenticator = boostgpt_sso::Authenticator::new(store.clone());
    let mut failed = false;
    for (number, expected) in known.iter().map(Some).chain([None]).enumerate() {
        let token = Signer::new(&secret.secret).sign_at(&person(&format!("p{number}")), now());
        match authenticator.authenticate_at(bot(), token.as_str(), now()).await {
            Ok(Visitor::Identified(session)) => match expected {
                Some(expected) => {
                    assert_eq!(session.provisioned.subscriber, *expected, "page {page}: p{number}")
                }
                None => assert!(session.provisioned.created_subscriber),
            },
            Ok(Visitor::Anonymous(reason)) => panic!("page {page}: p{number} is anonymous: {reason}"),
            Err(error) => {
                failed = true;
                damaged(&error, page);
            }
        }
    }
    failed
}
