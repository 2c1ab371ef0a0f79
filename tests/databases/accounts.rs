//! What an account says of the project that verified it, and what an erasure leaves of that and of visits:
//! read past the store, in both databases.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use boostgpt_sso::{
    Authenticator, BotId, Identity, ProjectId, Signer, Visitor,
    store::{Project, Provisioned, Store},
};

use crate::{
    database::{Database, block_on},
    support::{NOW, at},
};

const DAY: i64 = 86_400;

/// A project with a bot.
struct Owner {
    store: Arc<dyn Store>,
    project: ProjectId,
    bot: BotId,
}

impl Owner {
    async fn new(store: &Arc<dyn Store>) -> Self {
        let (project, bot) = (ProjectId::generate().unwrap(), BotId::generate().unwrap());
        store.create_project(Project::new(project)).await.unwrap();
        store.create_bot(project, bot).await.unwrap();
        store.regenerate_secret(bot).await.unwrap();
        Self { store: Arc::clone(store), project, bot }
    }

    async fn visit(&self, email: &str, now: i64) -> Provisioned {
        let secret = self.store.current_secret(self.bot).await.unwrap().into_secret().unwrap().secret;
        let token = Signer::new(&secret).sign_at(&Identity::new(email).unwrap(), at(now));
        let authenticator = Authenticator::new(Arc::clone(&self.store));
        match authenticator.authenticate_at(self.bot, &token, at(now)).await.unwrap() {
            Visitor::Identified(session) => session.provisioned,
            Visitor::Anonymous(reason) => panic!("anonymous: {reason}"),
        }
    }

    async fn forget(&self, visitor: &Provisioned) {
        assert!(self.store.forget(self.project, visitor.subscriber, at(NOW)).await.unwrap());
    }
}

/// An id in a column of the only row: its 32 digits, or nothing.
fn id(database: &Database, column: &str, table: &str) -> String {
    let digits = match database {
        Database::File(..) => format!("lower(hex({column}))"),
        Database::Server(_) => format!("replace(CAST({column} AS text), '-', '')"),
    };
    database.text(&format!("SELECT DISTINCT coalesce({digits}, '') FROM {table}"))
}

#[test]
fn an_account_is_verified_by_the_project_of_its_first_visit_until_that_forgets_it() {
    for database in Database::each() {
        let store = block_on(database.connect()).unwrap();
        let (first, second) = block_on(async { (Owner::new(&store).await, Owner::new(&store).await) });
        let verified_by = || id(&database, "verified_by", "sso_accounts");
        let here = block_on(first.visit("ada@example.com", NOW));
        assert_eq!(verified_by(), hex::encode(first.project.as_bytes()), "{database}");
        let there = block_on(second.visit("ada@example.com", NOW));
        assert_eq!((there.account, there.created_account), (here.account, false), "{database}");
        assert_eq!(verified_by(), hex::encode(first.project.as_bytes()), "{database}: a second project");

        // The other project's subscriber keeps the account.
        block_on(first.forget(&here));
        assert_eq!(verified_by(), "", "{database}: forgotten");
    }
}

#[test]
fn an_account_stays_verified_when_another_project_forgets_it() {
    for database in Database::each() {
        let store = block_on(database.connect()).unwrap();
        let (first, second) = block_on(async { (Owner::new(&store).await, Owner::new(&store).await) });
        block_on(first.visit("ada@example.com", NOW));
        let there = block_on(second.visit("ada@example.com", NOW));
        block_on(second.forget(&there));
        let verified_by = id(&database, "verified_by", "sso_accounts");
        assert_eq!(verified_by, hex::encode(first.project.as_bytes()), "{database}");
    }
}

/// An id with the time of the erasure in it could be joined with that.
#[test]
fn the_visits_of_the_forgotten_have_a_new_id_without_a_time_in_it() {
    for database in Database::each() {
        let store = block_on(database.connect()).unwrap();
        let owner = block_on(Owner::new(&store));
        let visitor = block_on(async {
            owner.visit("ada@example.com", NOW - DAY).await;
            owner.visit("ada@example.com", NOW).await
        });
        let visits = "SELECT count(*) FROM sso_visits";
        assert_eq!(database.number(visits), 2, "{database}");
        block_on(owner.forget(&visitor));
        assert_eq!(database.number(visits), 2, "{database}");

        let new = hex::decode(id(&database, "subscriber_id", "sso_visits")).unwrap();
        assert_ne!(new, visitor.subscriber.as_bytes(), "{database}");
        let is_near = |time: Duration| {
            let milliseconds = new[..6].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
            time.abs_diff(Duration::from_millis(milliseconds)) < Duration::from_secs(86_400)
        };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert!(!is_near(now) && !is_near(Duration::from_secs(NOW.unsigned_abs())), "{database}: {new:?}");
    }
}
