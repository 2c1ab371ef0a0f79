//! All that a database holds, read past the store.

use boostgpt_sso::{AccountId, ProjectId, SecretVersion, SubscriberId};
use rusqlite::Connection;

use crate::{people, raw, recorder::MASTER_KEY};

/// An id as the store writes it, of uuid_bytes bytes.
type Id = String;

#[derive(Debug, Clone)]
pub struct Account {
    pub id: Id,
    /// Gone with the last subscriber who had that address, if the account has others.
    pub email_key: Option<String>,
    /// Its key as a hash, and how many subscribers it says to have: only PostgreSQL's have those.
    pub hash: Option<Vec<u8>>,
    pub subscribers: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Subscriber {
    pub project: usize,
    pub id: Id,
    pub account: Id,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub first_day: i64,
    pub last_day: i64,
}

impl Subscriber {
    pub fn label(&self) -> String {
        people::label_of(self.email.as_deref(), self.external_id.as_deref())
    }
}

#[derive(Debug, Clone)]
pub struct Grant {
    pub project: usize,
    pub account: Id,
    pub credits: i64,
}

#[derive(Debug, Clone)]
pub struct Visited {
    pub project: usize,
    pub day: i64,
    pub subscriber: Id,
    pub is_first: bool,
}

/// A name that is held, as a hash.
#[derive(Debug, Clone)]
pub struct Name {
    pub project: usize,
    pub hash: Vec<u8>,
    pub subscriber: Id,
}

/// PostgreSQL's hashes of names.
#[derive(Debug, Clone)]
pub struct Names {
    /// Those that are held.
    pub held: Vec<Name>,
    /// Each subscriber's, of their account.
    pub keys: Vec<(Id, Vec<u8>)>,
    /// The key of all.
    pub key: Vec<u8>,
}

/// The rows. Days are Julian day numbers.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub accounts: Vec<Account>,
    pub subscribers: Vec<Subscriber>,
    pub grants: Vec<Grant>,
    pub visits: Vec<Visited>,
    /// The subscribers of past addresses.
    pub past: Vec<(usize, Id)>,
    /// What PostgreSQL has besides.
    pub names: Option<Names>,
    /// The version of each bot's secret.
    pub versions: [Option<SecretVersion>; people::PROJECTS],
    /// What the database itself says of its pages.
    pub damage: Option<String>,
}

fn project(bytes: &[u8]) -> usize {
    let all = 0..people::PROJECTS;
    let known = all.into_iter().find(|index| people::project(*index).as_bytes()[..] == *bytes);
    known.unwrap_or_else(|| panic!("a project of no one: {:?}", ProjectId::from_bytes(uuid_bytes(bytes))))
}

fn uuid_bytes(bytes: &[u8]) -> [u8; 16] {
    bytes.try_into().expect("an id")
}

fn subscriber(bytes: &[u8]) -> Id {
    SubscriberId::from_bytes(uuid_bytes(bytes)).to_string()
}

fn account(bytes: &[u8]) -> Id {
    AccountId::from_bytes(uuid_bytes(bytes)).to_string()
}

/// Whatever reads rows.
trait Rows {
    fn rows<T>(&mut self, select: &str, read: impl Fn(&dyn Cells) -> T) -> Vec<T>;
}

/// The columns of a row.
trait Cells {
    fn bytes(&self, index: usize) -> Vec<u8>;
    fn number(&self, index: usize) -> i64;
    fn text(&self, index: usize) -> Option<String>;
}

impl Cells for rusqlite::Row<'_> {
    fn bytes(&self, index: usize) -> Vec<u8> {
        self.get(index).unwrap()
    }

    fn number(&self, index: usize) -> i64 {
        self.get(index).unwrap()
    }

    fn text(&self, index: usize) -> Option<String> {
        self.get(index).unwrap()
    }
}

impl Cells for tokio_postgres::Row {
    fn bytes(&self, index: usize) -> Vec<u8> {
        self.get(index)
    }

    fn number(&self, index: usize) -> i64 {
        self.get(index)
    }

    fn text(&self, index: usize) -> Option<String> {
        self.get(index)
    }
}

impl Rows for Connection {
    fn rows<T>(&mut self, select: &str, read: impl Fn(&dyn Cells) -> T) -> Vec<T> {
        let mut statement = self.prepare(select).unwrap_or_else(|error| panic!("{error}: {select}"));
        let rows = statement.query_map([], |row| Ok(read(row))).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

/// A connection, and what it runs on.
struct Server<'a>(&'a tokio::runtime::Runtime, tokio_postgres::Client);

impl Rows for Server<'_> {
    fn rows<T>(&mut self, select: &str, read: impl Fn(&dyn Cells) -> T) -> Vec<T> {
        // As SQLite's tables are named, and as it writes.
        let select = select.replace("sso_", "sso.");
        // Nothing is prepared: a pooler may share connections.
        let rows = self.0.block_on(self.1.query_typed(&select, &[]));
        rows.unwrap_or_else(|error| panic!("{error:?}: {select}")).iter().map(|row| read(row)).collect()
    }
}

fn common(from: &mut impl Rows, id: impl Fn(&str) -> String, day: impl Fn(&str) -> String) -> Snapshot {
    let select = format!("SELECT {}, {} FROM sso_bots", id("project_id"), id("secret_version"));
    let bots = from
        .rows(&select, |row| (project(&row.bytes(0)), SecretVersion::from_bytes(uuid_bytes(&row.bytes(1)))));
    let mut versions = [None; people::PROJECTS];
    bots.into_iter().for_each(|(project, version)| versions[project] = Some(version));
    let select = format!(
        "SELECT {}, {}, {}, email, external_id, {}, {} FROM sso_subscribers",
        id("project_id"),
        id("id"),
        id("account_id"),
        day("first_day"),
        day("last_day")
    );
    let subscribers = from.rows(&select, |row| Subscriber {
        project: project(&row.bytes(0)),
        id: subscriber(&row.bytes(1)),
        account: account(&row.bytes(2)),
        email: row.text(3),
        external_id: row.text(4),
        first_day: row.number(5),
        last_day: row.number(6),
    });
    let select = format!("SELECT {}, {}, credits FROM sso_grants", id("project_id"), id("account_id"));
    let grants = from.rows(&select, |row| Grant {
        project: project(&row.bytes(0)),
        account: account(&row.bytes(1)),
        credits: row.number(2),
    });
    let (project_id, subscriber_id, day) = (id("project_id"), id("subscriber_id"), day("day"));
    let select = format!(
        "SELECT {project_id}, {day}, {subscriber_id}, CASE WHEN is_first THEN {} ELSE {} END FROM sso_visits",
        "'yes'", "'no'"
    );
    let visits = from.rows(&select, |row| Visited {
        project: project(&row.bytes(0)),
        day: row.number(1),
        subscriber: subscriber(&row.bytes(2)),
        is_first: row.text(3).as_deref() == Some("yes"),
    });
    let select = format!("SELECT {project_id}, {subscriber_id} FROM sso_past_addresses");
    let past = from.rows(&select, |row| (project(&row.bytes(0)), subscriber(&row.bytes(1))));
    Snapshot { subscribers, grants, visits, past, versions, ..Snapshot::default() }
}

/// Of an SQLite file.
pub fn of_file(path: &std::path::Path) -> Snapshot {
    let mut file = Connection::open(path).unwrap();
    let mut snapshot = common(&mut file, str::to_owned, str::to_owned);
    snapshot.accounts = file.rows("SELECT id, email_key FROM sso_accounts", |row| Account {
        id: account(&row.bytes(0)),
        email_key: row.text(1),
        hash: None,
        subscribers: None,
    });
    let verdict = file.rows("PRAGMA integrity_check", |row| row.text(0).unwrap()).join(", ");
    snapshot.damage = Some(verdict).filter(|verdict| verdict != "ok");
    snapshot
}

/// Of a PostgreSQL database, past its indexes.
pub fn of_server(runtime: &tokio::runtime::Runtime, url: &str) -> Snapshot {
    let client = runtime.block_on(raw::connect(url)).unwrap();
    let plain = "BEGIN; SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off;
        SET LOCAL enable_indexonlyscan = off";
    runtime.block_on(client.batch_execute(plain)).unwrap();
    let mut server = Server(runtime, client);
    let id = |column: &str| format!("uuid_send({column})");
    let mut snapshot =
        common(&mut server, id, |column| format!("(({column} - DATE '1970-01-01') + 2440588)::bigint"));
    let select = "SELECT uuid_send(id), email_key, uuid_send(email_hash), subscribers FROM sso_accounts";
    snapshot.accounts = server.rows(select, |row| Account {
        id: account(&row.bytes(0)),
        email_key: row.text(1),
        hash: Some(row.bytes(2)),
        subscribers: Some(row.number(3)),
    });
    let select = "SELECT uuid_send(project_id), uuid_send(name_hash), uuid_send(subscriber_id) FROM sso_names
        WHERE subscriber_id IS NOT NULL";
    let names = server.rows(select, |row| Name {
        project: project(&row.bytes(0)),
        hash: row.bytes(1),
        subscriber: subscriber(&row.bytes(2)),
    });
    let select = "SELECT uuid_send(id), uuid_send(account_hash) FROM sso_subscribers";
    let keys = server.rows(select, |row| (subscriber(&row.bytes(0)), row.bytes(1)));
    let sealed = server.rows("SELECT sealing_key, sealed FROM sso_hash_key", |row| {
        use boostgpt_sso::store::{KeyId, Sealed};
        Sealed { key: KeyId(row.bytes(0).try_into().unwrap()), bytes: row.bytes(1) }
    });
    let key = boostgpt_sso::store::MasterKey::from_bytes(MASTER_KEY);
    let key = key.open(b"hash key of forgotten names", &sealed[0]).expect("the key of the names");
    snapshot.names = Some(Names { held: names, keys, key: key.to_vec() });
    snapshot
}
