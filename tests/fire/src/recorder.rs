//! The calls of one process, each recorded before and after.

use boostgpt_sso::SecretVersion;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use boostgpt_sso::{
    Authenticator, Email, Session, Signer, SubscriberId, Visitor,
    store::{BotSecret, MasterKey, PostgresOptions, PostgresStore, Project, Provisioned, StoreError},
    store::{Store as _, SubscriberStore as _, connect},
};

use crate::{
    journal::{Journal, now},
    people::{CREDITS, PROJECTS, START, at, bot, identity, project},
    rng::Rng,
    timed::Timed,
};

pub const MASTER_KEY: [u8; 32] = [7; 32];
/// That one alone, as [`master_key`] reads it.
pub const KEYS: &str = "7";
/// How long a call waits for a connection, and then for a statement.
const ACQUIRE: Duration = Duration::from_secs(2);
const STATEMENT: Duration = Duration::from_secs(2);
/// What a busy machine may add.
const SLACK: Duration = Duration::from_millis(1500);

/// How long a call may take on that store.
pub fn bound(address: &str) -> Duration {
    match address.starts_with("postgres") {
        true => ACQUIRE + STATEMENT + SLACK,
        // A write waits five seconds for those of other processes, behind another that waits as long.
        false => Duration::from_secs(10) + SLACK,
    }
}

/// The master keys of a process, the first of which seals: a digit for each.
pub fn master_key(keys: &str) -> MasterKey {
    let mut keys = keys.bytes().map(|digit| [digit - b'0'; 32]);
    let first = MasterKey::from_bytes(keys.next().expect("a key"));
    keys.fold(first, MasterKey::with_previous)
}

/// What a dashboard asks for.
const REPORTS: u64 = 7;

/// A visit: who, with what token.
#[derive(Debug, Clone)]
pub struct Visit {
    pub project: usize,
    pub label: String,
    pub variant: u64,
    pub issued: i64,
    pub now: i64,
}

/// What came of one.
pub enum Answer {
    Identified(Box<Session>),
    /// The secret is another one.
    Stale,
    Refused,
    Failed,
    Unknown,
}

/// An open store, an authenticator on it, and a journal.
pub struct Recorder {
    store: Arc<Timed>,
    authenticator: Authenticator,
    journal: Arc<Journal>,
}

impl Recorder {
    /// Opens the store, again and again for as long as it is out of reach.
    pub async fn open(address: &str, journal: Arc<Journal>, prepared: bool) -> Option<Self> {
        Self::open_with(address, journal, prepared, KEYS).await
    }

    /// The same with these master keys.
    pub async fn open_with(address: &str, journal: Arc<Journal>, prepared: bool, keys: &str) -> Option<Self> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            let number = journal.intend("open");
            let key = master_key(keys);
            let opened = if address.starts_with("postgres") {
                let options = PostgresOptions::new()
                    .with_pool_size(6)
                    .with_connect_timeout(Duration::from_secs(1))
                    .with_acquire_timeout(ACQUIRE)
                    .with_statement_timeout(STATEMENT);
                let options = if prepared { options.with_prepared_statements() } else { options };
                PostgresStore::connect(address, options, key).await.map(|store| Arc::new(store) as _)
            } else {
                connect(address, key).await
            };
            match opened {
                Ok(store) => {
                    journal.conclude(number, now(), "opened");
                    let store = Arc::new(Timed::new(store, Arc::clone(&journal)));
                    let authenticator = Authenticator::new(Arc::clone(&store));
                    return Some(Self { store, authenticator, journal });
                }
                Err(error) if error.is_retryable() => journal.conclude(number, now(), &outcome_of(&error)),
                Err(error) => {
                    journal.conclude(number, now(), &outcome_of(&error));
                    return None;
                }
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        None
    }

    /// Makes the projects, their bots and a first secret of each.
    pub async fn create_project_and_bot(&self) {
        for (index, credits) in CREDITS.into_iter().enumerate() {
            let new = Project::new(project(index)).with_free_tier(credits);
            self.store.store.create_project(new).await.unwrap();
            self.store.store.create_bot(project(index), bot(index)).await.unwrap();
            self.regenerate(index).await.unwrap();
        }
    }

    /// The secret that the project's owner signs with now; nothing where the store does not say.
    pub async fn secret(&self, project: usize) -> Option<BotSecret> {
        self.store.current_secret(bot(project)).await.ok()?.into_secret()
    }

    /// Presents the token of a visit, signed with a secret of that version.
    pub async fn present(&self, visit: &Visit, version: SecretVersion, token: &str) -> Answer {
        let Visit { project, label, issued, now: when, .. } = visit;
        let number = self.journal.intend(&format!("visit {project} {label} {version} {issued} {when}"));
        let outcome = self.authenticator.authenticate_at(bot(*project), token, at(*when)).await;
        let (text, answer) = match outcome {
            Ok(Visitor::Identified(session)) => {
                let granted =
                    session.provisioned.granted.map_or_else(|| "-".to_owned(), |credits| credits.to_string());
                let Provisioned { subscriber, account, created_account, created_subscriber, .. } =
                    &session.provisioned;
                let ids = format!("identified {subscriber} {account}");
                let text = format!("{ids} {created_account} {created_subscriber} {granted}");
                (text, Answer::Identified(Box::new(session)))
            }
            Ok(Visitor::Anonymous(reason)) => {
                let answer = match reason.code() {
                    "bad_signature" | "secret_changed" => Answer::Stale,
                    _ => Answer::Refused,
                };
                (format!("refused {}", reason.code()), answer)
            }
            Err(error) if error.is_retryable() => (outcome_of(&error), Answer::Unknown),
            Err(error) => (outcome_of(&error), Answer::Failed),
        };
        self.journal.conclude(number, now(), &text);
        answer
    }

    /// The same with a new token, repeated while the outcome is unknown or the secret another one.
    pub async fn insist(&self, visit: &Visit, tries: usize) -> Option<Session> {
        for _ in 0..tries {
            if let Some(secret) = self.secret(visit.project).await {
                let token = sign(visit, &secret);
                match self.present(visit, secret.version, &token).await {
                    Answer::Identified(session) => return Some(*session),
                    Answer::Refused | Answer::Failed => return None,
                    Answer::Stale | Answer::Unknown => {}
                }
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        None
    }

    /// Erases a subscriber; repeated while the outcome is unknown. Whether it is certain.
    pub async fn forget(
        &self,
        index: usize,
        label: &str,
        subscriber: SubscriberId,
        when: i64,
        tries: usize,
    ) -> bool {
        for _ in 0..tries {
            let number = self.journal.intend(&format!("forget {index} {label} {subscriber} {when}"));
            let outcome =
                self.store.time(self.store.store.forget(project(index), subscriber, at(when))).await;
            let text = outcome.as_ref().map_or_else(outcome_of, |_| "forgot".to_owned());
            self.journal.conclude(number, now(), &text);
            match outcome {
                Ok(_) => return true,
                Err(error) if !error.is_retryable() => return false,
                Err(_) => tokio::time::sleep(Duration::from_millis(40)).await,
            }
        }
        false
    }

    /// Asks for one of the reports of a dashboard.
    pub async fn report(&self, which: u64, index: usize) {
        let (store, project) = (&self.store.store, project(index));
        let (first, last) = (at(START).date(), at(START + 30 * 86_400).date());
        let number = self.journal.intend("report");
        let outcome = match which % REPORTS {
            0 => self.store.time(store.activity(project, first, last)).await.map(drop),
            1 => self.store.time(store.active_subscribers(project, first, last)).await.map(drop),
            2 => self.store.time(store.subscriber_count(project)).await.map(drop),
            3 => self.store.time(store.subscribers(project, None, 200)).await.map(drop),
            4 => self.store.time(store.bots(project, None, 50)).await.map(drop),
            5 => self.store.time(store.projects(None, 50)).await.map(drop),
            _ => {
                let email = Email::new("m4@example.com").expect("an address");
                self.store.time(store.subscribers_by_email(email)).await.map(drop)
            }
        };
        let text = outcome.as_ref().map_or_else(outcome_of, |()| "reported".to_owned());
        self.journal.conclude(number, now(), &text);
    }

    /// Seals everything anew under this process's first key; repeated while the store is out of reach.
    pub async fn reseal(&self) -> Result<u64, StoreError> {
        let started = Instant::now();
        loop {
            match self.store.store.reseal().await {
                Err(error) if error.is_retryable() && started.elapsed() < Duration::from_secs(60) => {}
                outcome => return outcome,
            }
        }
    }

    /// Gives a project's bot another secret. Its version, where the outcome is certain.
    pub async fn regenerate(&self, project: usize) -> Option<SecretVersion> {
        let number = self.journal.intend(&format!("regenerate {project}"));
        let outcome = self.store.time(self.store.store.regenerate_secret(bot(project))).await;
        let returned = now();
        let new = match outcome {
            Ok(new) => new,
            Err(error) => {
                self.journal.conclude(number, returned, &outcome_of(&error));
                return None;
            }
        };
        // Nobody else regenerates.
        for _ in 0..600 {
            if let Some(current) = self.secret(project).await {
                let (version, same) = (current.version, current.secret.fingerprint() == new.fingerprint());
                self.journal.conclude(number, returned, &format!("regenerated {version} {same}"));
                return Some(version);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        None
    }
}

/// Regenerates a secret now and then, whatever else happens, until it is told to stop.
pub async fn regenerate(recorder: Arc<Recorder>, stop: Arc<AtomicBool>, mut rng: Rng) {
    while !stop.load(SeqCst) {
        recorder.regenerate(rng.roll(PROJECTS as u64) as usize).await;
        tokio::time::sleep(Duration::from_millis(rng.between(300, 3500))).await;
    }
}

/// The token of a visit.
pub fn sign(visit: &Visit, secret: &BotSecret) -> String {
    let identity = identity(&visit.label, visit.variant);
    Signer::new(&secret.secret).sign_at(&identity, at(visit.issued)).as_str().to_owned()
}

fn outcome_of(error: &StoreError) -> String {
    if error.is_retryable() {
        return format!("unknown {}", error.code());
    }
    format!("failed {} {error}: {error:?}", error.code()).replace('\n', " ")
}
