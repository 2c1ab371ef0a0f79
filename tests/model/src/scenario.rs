//! What happens in a model: who comes when with which token, who erases and regenerates, what breaks. Every
//! order of it is explored.

use std::{fmt, sync::Arc};

use boostgpt_sso::{
    BotId, Identity, ProjectId, SecretVersion, Signer, SsoSecret,
    store::{BotSecret, ProvisionRequest},
    time::{Duration, OffsetDateTime},
};

use crate::{
    fault::Fault,
    table::{Account, Key, Row, Subscriber, Table},
};

/// When day 0 begins, in seconds since 1970.
pub(crate) const BASE: i64 = 1_700_006_400;
/// The secret that every bot has when a scenario begins, and its version.
pub(crate) const FIRST: u8 = 0;

/// The e-mail keys: their numbers are names.
pub(crate) const EMAILS: [&str; 3] = ["a@example.com", "b@example.com", "c@example.com"];
/// The external ids, after them.
pub(crate) const EXTERNAL_IDS: [&str; 3] = ["X", "Y", "Z"];

/// Returns the text of a name.
#[must_use]
pub(crate) fn text(name: u8) -> &'static str {
    let names: Vec<_> = EMAILS.iter().chain(&EXTERNAL_IDS).collect();
    names[usize::from(name)]
}

fn name(text: &str) -> u8 {
    let names = EMAILS.iter().chain(&EXTERNAL_IDS);
    u8::try_from(names.into_iter().position(|name| *name == text).expect("a name of this model")).unwrap()
}

/// What a token is signed with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SignedWith {
    /// The secret of the beginning.
    First,
    /// What this call's regeneration has returned.
    New(usize),
}

/// A token: the identity is a real one, and so is the request that is made of it.
#[derive(Clone)]
pub struct Token {
    /// The project.
    pub(crate) project: u8,
    /// The e-mail key.
    pub(crate) email: u8,
    /// The external id.
    pub(crate) external_id: Option<u8>,
    /// When it was issued, in seconds since 1970.
    pub(crate) issued_at: i64,
    /// What it is signed with.
    pub(crate) signed_with: SignedWith,
    /// What the verifier of its secret makes of it.
    pub(crate) request: Arc<ProvisionRequest>,
}

impl Token {
    /// Signs a token for a person, `issued` seconds after day 0 has begun, and has it verified.
    ///
    /// # Panics
    /// If a name is not of this model.
    #[must_use]
    pub fn new(project: u8, email: &str, external_id: Option<&str>, issued: i64) -> Self {
        let mut identity = Identity::new(email).unwrap();
        if let Some(external_id) = external_id {
            identity = identity.with_external_id(external_id).unwrap();
        }
        let (bot, owner) = (BotId::from_bytes([1; 16]), real_project(project));
        let issued_at = OffsetDateTime::from_unix_timestamp(BASE + issued).unwrap();
        let now = issued_at + Duration::seconds(10);
        let secret = SsoSecret::generate().unwrap();
        let token = Signer::new(&secret).sign_at(&identity, issued_at);
        let version = SecretVersion::generate().unwrap();
        let visitor = BotSecret::new(bot, owner, version, secret).verifier().verify_at(&token, now).unwrap();
        Self {
            project,
            email: name(email),
            external_id: external_id.map(name),
            issued_at: BASE + issued,
            signed_with: SignedWith::First,
            request: Arc::new(ProvisionRequest::new(visitor, now)),
        }
    }

    /// Signs it with the secret that this call returns.
    #[must_use]
    pub fn signed_by(self, call: usize) -> Self {
        Self { signed_with: SignedWith::New(call), ..self }
    }

    /// Returns the day on which it is presented.
    #[must_use]
    pub(crate) fn day(&self) -> u8 {
        u8::try_from((self.issued_at - BASE) / 86_400).unwrap()
    }

    /// Returns its names.
    pub(crate) fn names(&self) -> impl Iterator<Item = u8> {
        [Some(self.email), self.external_id].into_iter().flatten()
    }
}

/// The real id of a project.
pub(crate) fn real_project(project: u8) -> ProjectId {
    ProjectId::from_bytes([project + 1; 16])
}

/// What is called, once.
#[derive(Clone, Debug)]
pub enum Call {
    /// A page load.
    Visit {
        /// The process that answers it.
        process: usize,
        /// The presented token.
        token: Token,
    },
    /// A new secret for a project's bot.
    Regenerate {
        /// The project.
        project: u8,
    },
    /// The bot's secret is taken away.
    Remove {
        /// The project.
        project: u8,
    },
    /// Erases the subscriber who has a name when the call begins.
    Forget {
        /// The project.
        project: u8,
        /// The name.
        name: u8,
        /// The time that the caller's clock shows, in seconds since 1970.
        at: i64,
    },
    /// Copies the database.
    Backup,
    /// Puts the copy in the database's place, while the server is down.
    Restore,
}

impl Call {
    /// Returns the call that erases a person, `at` seconds after day 0 has begun.
    #[must_use]
    pub fn forget(project: u8, person: &str, at: i64) -> Self {
        Self::Forget { project, name: name(person), at: BASE + at }
    }
}

/// How often what may happen at any time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Budget {
    /// A process is killed, with its cache and its calls.
    pub crashes: u8,
    /// A connection is lost while a statement is under way, which goes on or not; its call tries again.
    pub losses: u8,
    /// The server stops hard: all statements are undone, all calls try again.
    pub outages: u8,
    /// A second passes.
    pub seconds: u8,
}

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name in a report.
    pub(crate) name: &'static str,
    /// What is there when it begins.
    pub(crate) rows: Table,
    /// How many projects there are, each with a bot.
    pub(crate) projects: u8,
    /// What is called.
    pub(crate) calls: Vec<Call>,
    /// What breaks.
    pub(crate) budget: Budget,
    /// Whether both processes have the first secret in their caches.
    pub(crate) is_warm: bool,
    /// What is done wrong.
    pub(crate) fault: Option<Fault>,
}

impl Scenario {
    /// Begins with `projects` projects whose bots have a secret, and nobody.
    #[must_use]
    pub fn new(name: &'static str, projects: u8) -> Self {
        let mut rows = Table::default();
        for project in 0..projects {
            rows.set(Key::Bot(project), Some(Row::Bot { version: FIRST, secret: Some(FIRST) }));
        }
        let (calls, budget) = (Vec::new(), Budget::default());
        Self { name, rows, projects, calls, budget, is_warm: true, fault: None }
    }

    /// Returns its name in a report.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a call.
    #[must_use]
    pub fn call(mut self, call: Call) -> Self {
        self.calls.push(call);
        self
    }

    /// Adds a visit at a process.
    #[must_use]
    pub fn visit(self, process: usize, token: Token) -> Self {
        self.call(Call::Visit { process, token })
    }

    /// Sets what breaks.
    #[must_use]
    pub fn with(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// Begins with empty caches.
    #[must_use]
    pub fn cold(self) -> Self {
        Self { is_warm: false, ..self }
    }

    /// Plants a fault.
    #[must_use]
    pub fn faulty(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }

    /// Adds a subscriber who came on day 0 with this token, under the account of the address.
    #[must_use]
    pub fn known(mut self, id: u8, token: &Token) -> Self {
        let (project, email) = (token.project, token.email);
        let known = self.rows.account(email);
        let account = known.unwrap_or(Account { id, email: Some(email), subscribers: 0, revision: 0 });
        let account = Account { subscribers: account.subscribers + 1, ..account };
        let subscriber = Subscriber {
            account: account.id,
            account_hash: email,
            revision: 0,
            email: Some(email),
            external_id: token.external_id,
            applied_at: token.issued_at,
            last_day: 0,
        };
        self.rows.set(Key::Account(email), Some(Row::Account(account)));
        self.rows.set(Key::Subscriber(project, id), Some(Row::Subscriber(subscriber)));
        for name in token.names() {
            let row = Row::Name { holder: Some(id), forgotten_at: None };
            self.rows.set(Key::Name(project, name), Some(row));
        }
        self.rows.set(Key::Visit(project, 0, id), Some(Row::Mark));
        self.rows.set(Key::Grant(project, account.id), Some(Row::Mark));
        self
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.names().map(text).collect();
        write!(f, "{names:?} in {} at {:+} by {:?}", self.project, self.issued_at - BASE, self.signed_with)
    }
}
