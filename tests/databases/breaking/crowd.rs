//! Hundreds of tasks in several processes on one database, whose identities overlap, while the secret is
//! regenerated under them.

use boostgpt_sso::SecretVersion;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
};

use boostgpt_sso::{AnonymousReason, Authenticator, Identity, Signer, Visitor, store::connect};

use super::{
    child::{Child, arguments, hear, tell},
    *,
};
use crate::support::bot;

const WORKERS: usize = 4;
const TASKS: u64 = 100;
const LOGINS: u64 = 4;
const PEOPLE: u64 = 60;
const REGENERATIONS: u32 = 8;

/// Who logs in, and the name that identifies them whatever the address: one subscriber each.
fn random_person(rng: &mut Rng) -> (String, Identity) {
    let n = rng.roll(PEOPLE);
    let address = |text: String| Identity::new(&text).unwrap();
    match n % 4 {
        // An address alone, in any case of its letters.
        0 if rng.roll(2) == 0 => (format!("mail{n}"), address(format!("MAIL{n}@example.COM"))),
        0 => (format!("mail{n}"), address(format!("mail{n}@example.com"))),
        // An external id whose address keeps changing.
        1 => {
            let identity = address(format!("x{n}.{}@example.com", rng.roll(3)));
            (format!("x{n}"), identity.with_external_id(&format!("x{n}")).unwrap())
        }
        // Two external ids behind one address.
        2 => {
            let label = format!("y{n}{}", ["a", "b"][rng.roll(2) as usize]);
            let identity = address(format!("y{n}@example.com"));
            (label.clone(), identity.with_external_id(&label).unwrap())
        }
        // With and without the external id.
        _ if rng.roll(2) == 0 => (format!("z{n}"), address(format!("z{n}@example.com"))),
        _ => {
            let identity = address(format!("z{n}@example.com"));
            (format!("z{n}"), identity.with_external_id(&format!("z{n}")).unwrap())
        }
    }
}

/// What the tasks of one process share.
struct Shared {
    store: Arc<dyn Store>,
    authenticator: Authenticator,
    /// The newest version of which the parent has said that it is in force.
    announced: Mutex<Option<SecretVersion>>,
    stop: AtomicBool,
    calls: AtomicU64,
    retried: AtomicU64,
    refused: AtomicU64,
    /// Tokens of an old secret that were accepted: none.
    violations: AtomicU64,
    /// One line for each visit that was identified.
    seen: Mutex<String>,
}

/// One task: logs in again and again, with a secret that it keeps until it is refused.
async fn log_in(shared: Arc<Shared>, seed: u64) {
    let mut rng = Rng::new(seed);
    let mut current = current_secret(&shared.store).await;
    let mut logins = 0;
    while logins < LOGINS || !shared.stop.load(SeqCst) {
        let (label, identity) = random_person(&mut rng);
        let token = Signer::new(&current.secret).sign_at(&identity, now());
        tokio::time::sleep(Duration::from_millis(rng.roll(60))).await;
        let announced = *shared.announced.lock().unwrap();
        shared.calls.fetch_add(1, SeqCst);
        match shared.authenticator.authenticate_at(bot(), token.as_str(), now()).await {
            Ok(Visitor::Identified(session)) => {
                logins += 1;
                shared.violations.fetch_add(u64::from(announced > Some(current.version)), SeqCst);
                let (subscriber, account) = (session.provisioned.subscriber, session.provisioned.account);
                let created = [
                    session.provisioned.created_account,
                    session.provisioned.created_subscriber,
                    session.provisioned.granted.is_some(),
                ];
                let created = created.map(u8::from).map(|flag| flag.to_string()).join(" ");
                let line = format!("{label} {subscriber} {account} {created}\n");
                shared.seen.lock().unwrap().push_str(&line);
            }
            Ok(Visitor::Anonymous(AnonymousReason::Refused(_) | AnonymousReason::SecretChanged)) => {
                shared.refused.fetch_add(1, SeqCst);
                current = current_secret(&shared.store).await;
            }
            Ok(Visitor::Anonymous(reason)) => panic!("anonymous: {reason}"),
            Err(error) => {
                assert!(error.is_retryable(), "{error}: {error:?}");
                shared.retried.fetch_add(1, SeqCst);
            }
        }
    }
}

#[test]
fn child() {
    let Some([address, index, tasks, output]) = arguments() else { return };
    runtime().block_on(async {
        let (store, opened) = again(|| connect(&address, master_key())).await;
        tell(format!("open {opened}"));
        assert_eq!(hear(), "go");
        let shared = Arc::new(Shared {
            authenticator: Authenticator::new(store.clone()),
            store,
            announced: Mutex::new(None),
            stop: AtomicBool::new(false),
            calls: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            violations: AtomicU64::new(0),
            seen: Mutex::default(),
        });
        let seed = |task: u64| index.parse::<u64>().unwrap() * 1000 + task + 1;
        let tasks: Vec<_> = (0..tasks.parse().unwrap())
            .map(|task| tokio::spawn(log_in(Arc::clone(&shared), seed(task))))
            .collect();
        // Keeps the key in the cache, as a process does that has nothing else to do.
        let warm = async || {
            let secret = current_secret(&shared.store).await.secret;
            let token = Signer::new(&secret).sign_at(&person("warm"), now());
            shared.authenticator.authenticate_at(bot(), token.as_str(), now()).await
        };
        let _ = warm().await;
        loop {
            let line = tokio::task::spawn_blocking(hear).await.unwrap();
            let Some((version, old)) = line.split_once(' ') else { break };
            // The parent's `regenerate` has returned. Before anything else: a token of the secret before.
            let ghost = Signer::new(&old.parse().unwrap()).sign_at(&person("ghost"), now());
            let (verdict, _) =
                again(|| shared.authenticator.authenticate_at(bot(), ghost.as_str(), now())).await;
            *shared.announced.lock().unwrap() = Some(version.parse().unwrap());
            match verdict {
                Visitor::Anonymous(reason) => tell(format!("refused {}", reason.code())),
                Visitor::Identified(_) => tell("ACCEPTED"),
            }
            let _ = warm().await;
        }
        shared.stop.store(true, SeqCst);
        for task in tasks {
            task.await.unwrap();
        }
        fs::write(output, shared.seen.lock().unwrap().as_str()).unwrap();
        let count = |counter: &AtomicU64| counter.load(SeqCst).to_string();
        let counts = [&shared.calls, &shared.retried, &shared.refused, &shared.violations].map(count);
        tell(counts.join(" "));
    });
}

#[test]
fn a_crowd_of_processes_makes_nothing_twice_in_a_file() {
    crowd(&Database::file());
}

#[test]
fn a_crowd_of_processes_makes_nothing_twice_on_a_server() {
    crowd(&Database::on_server());
}

#[test]
fn a_crowd_of_processes_makes_nothing_twice_where_transactions_are_serializable() {
    crowd(&Database::with_isolation("serializable"));
}

fn crowd(database: &Database) {
    let address = database.address();
    let folder = tempfile::tempdir().unwrap();
    let output = |index: usize| folder.path().join(format!("seen{index}"));
    // All of them open a database that is empty still, at once. The last one has no tasks: its cache stays
    // warm.
    let mut children: Vec<Child> = (0..=WORKERS)
        .map(|index| {
            let tasks = if index == WORKERS { 0 } else { TASKS };
            let (index_text, tasks) = (index.to_string(), tasks.to_string());
            let output = output(index);
            let arguments = [&address, &index_text, &tasks, output.to_str().unwrap()];
            Child::start("breaking::crowd::child", &arguments)
        })
        .collect();
    let (store, mut opened_again) = block_on(again(|| database.connect()));
    block_on(again(|| create_project_and_bot(&store)));
    for child in &children {
        let line = child.line().expect("a child that opens the store");
        opened_again += line.strip_prefix("open ").unwrap().parse::<u64>().unwrap();
    }
    children.iter_mut().for_each(|child| child.say("go"));

    let mut old_refused = 0;
    for _ in 0..REGENERATIONS {
        std::thread::sleep(Duration::from_millis(300));
        let old = block_on(current_secret(&store));
        block_on(again(|| async { store.regenerate_secret(bot()).await }));
        let new = block_on(current_secret(&store)).version;
        let line = format!("{new} {}", old.secret.expose_secret());
        children.iter_mut().for_each(|child| child.say(&line));
        for child in &children {
            let verdict = child.line().expect("a verdict");
            assert!(
                matches!(verdict.as_str(), "refused bad_signature" | "refused secret_changed"),
                "{verdict}"
            );
            old_refused += 1;
        }
    }
    children.iter_mut().for_each(|child| child.say("stop"));
    let mut counts = [0_u64; 4];
    for child in children {
        let lines = child.success();
        let numbers = lines.last().unwrap().split(' ').map(|number| number.parse::<u64>().unwrap());
        counts.iter_mut().zip(numbers).for_each(|(all, one)| *all += one);
    }
    let [calls, retried, refused, violations] = counts;
    assert_eq!(violations, 0, "tokens of an old secret were accepted");
    close_on(store, database);

    let seen: String = (0..WORKERS).map(|index| fs::read_to_string(output(index)).unwrap()).collect();
    let identified = seen.lines().count();
    each_person_is_one_subscriber(database, &seen, retried);
    report(&format!(
        "{database}: crowd of {WORKERS} processes with {TASKS} tasks each: calls {calls}, identified \
         {identified}, retried {retried}, \
         opened again {opened_again}, refused {refused}; old secrets presented after {REGENERATIONS} \
         regenerations {old_refused}, accepted {violations}; duplicates 0"
    ));
}

/// Holds all answers against each other and against the tables.
fn each_person_is_one_subscriber(database: &Database, seen: &str, retried: u64) {
    let (mut by_label, mut owner) = (BTreeMap::new(), BTreeMap::new());
    let (mut created_accounts, mut created_subscribers, mut granted) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for line in seen.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [label, subscriber, account, ..] = fields[..] else { panic!("{line}") };
        assert_eq!(*by_label.entry(label).or_insert(subscriber), subscriber, "{label} is two subscribers");
        let first = *owner.entry(subscriber).or_insert((label, account));
        assert_eq!(first, (label, account), "{subscriber} has changed its owner");
        let flag = |position: usize| fields[position].parse::<u64>().unwrap();
        *created_accounts.entry(account).or_insert(0) += flag(3);
        *created_subscribers.entry(subscriber).or_insert(0) += flag(4);
        *granted.entry(account).or_insert(0) += flag(5);
    }
    // Each was made by one call; only an answer that was lost may have taken the news of it along.
    let least = u64::from(retried == 0);
    for (what, made) in
        [("account", &created_accounts), ("subscriber", &created_subscribers), ("grant", &granted)]
    {
        assert!(made.values().all(|times| (least..=1).contains(times)), "{what}: {made:?}");
    }
    // 15 people of each kind: mail, x and z are one account and one subscriber each, y one account and two
    // subscribers.
    assert_eq!((by_label.len(), created_accounts.len()), (75, 60), "not everybody came");
    // And the one who keeps the caches warm.
    let rows = check::sound(database);
    let expected = check::Rows { accounts: 61, subscribers: 76, grants: 61, visits: 76 };
    assert_eq!(rows, expected);

    let store = block_on(database.connect()).unwrap();
    let subscribers = block_on(store.subscribers(project(), None, 1000)).unwrap();
    let mut labels = BTreeSet::new();
    for subscriber in subscribers {
        let email_key = || subscriber.email.as_deref().unwrap().to_ascii_lowercase();
        let label = subscriber.external_id.clone().unwrap_or_else(email_key);
        let label = label.trim_end_matches("@example.com");
        assert!(labels.insert(label.to_owned()));
        assert_ne!(label, "ghost", "a token of an old secret left its mark");
        if label != "warm" {
            let (id, account) = (subscriber.id.to_string(), subscriber.account.to_string());
            assert_eq!(owner[id.as_str()], (label, account.as_str()));
        }
    }
}
