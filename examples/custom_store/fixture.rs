//! What an operator of the service does, for the conformance suite alone.

use boostgpt_sso::{
    BotId, ProjectId, SecretVersion, SsoSecret, SubscriberId,
    store::{BoxFuture, Cause, Lookup, Project, StoreError, Subscriber, conformance::Fixture},
    time::OffsetDateTime,
};
use rusqlite::{Transaction, params};

use super::tables::{MEMBER, Tables, failed, id, member, row};

impl Tables {
    fn set_secret(
        &self,
        transaction: &Transaction<'_>,
        bot: BotId,
        secret: Option<&SsoSecret>,
    ) -> Result<(), StoreError> {
        let version = SecretVersion::generate()?;
        let sealed = secret.map(|secret| self.master_key.seal_secret(bot, version, secret)).transpose()?;
        let (key, bytes) = sealed.map(|sealed| (sealed.key.0, sealed.bytes)).unzip();
        let update = "UPDATE chatbot SET sso_version = ?2, sso_key = ?3, sso_sealed = ?4 WHERE uuid = ?1";
        let changed = transaction.execute(update, params![bot.to_string(), version.to_string(), key, bytes]);
        if changed.map_err(failed)? == 1 { Ok(()) } else { Err(StoreError::UnknownBot) }
    }

    fn find(
        transaction: &Transaction<'_>,
        project: ProjectId,
        by: Lookup<'_>,
    ) -> Result<Option<Subscriber>, StoreError> {
        let (column, value) = match by {
            Lookup::Id(id) => ("uuid", id.to_string()),
            Lookup::ExternalId(id) => ("customer_ref", id.to_owned()),
            Lookup::Email(email) => ("mail_key", email.key().into_owned()),
        };
        let select = format!("{MEMBER} WHERE workspace = ?1 AND {column} = ?2");
        let workspace = project.to_string();
        let found = row(transaction, &select, [&workspace, &value], |row| member(row, project))?;
        let Some(mut found) = found else { return Ok(None) };
        let select = "SELECT credits FROM gift WHERE workspace = ?1 AND user = ?2";
        found.granted = row(transaction, select, [&workspace, &found.account.to_string()], |row| row.get(0))?;
        let select = "SELECT count(*) FROM former_name WHERE workspace = ?1 AND member = ?2";
        let count: Option<u32> =
            row(transaction, select, [&workspace, &found.id.to_string()], |row| row.get(0))?;
        found.past_addresses = count.unwrap_or(0).into();
        Ok(Some(found))
    }

    fn erase(
        &self,
        transaction: &Transaction<'_>,
        project: ProjectId,
        erased: &Subscriber,
        now: i64,
    ) -> Result<(), StoreError> {
        let (workspace, member) = (project.to_string(), erased.id.to_string());
        let user = erased.account.to_string();
        let mail = erased.email.as_deref().map(|mail| self.stored(project, mail)).transpose()?;
        let customer_ref = erased.external_id.as_deref().map(|id| self.names.external_id(project, id));
        for name in [mail, customer_ref].into_iter().flatten() {
            let insert = "INSERT OR IGNORE INTO former_name (workspace, member, name) VALUES (?1, ?2, ?3)";
            transaction.execute(insert, params![workspace, member, name]).map_err(failed)?;
        }
        let remember = "INSERT INTO erased_name (workspace, name, erased_at)
            SELECT workspace, name, ?3 FROM former_name WHERE workspace = ?1 AND member = ?2
            ON CONFLICT (workspace, name) DO UPDATE SET erased_at = max(erased_at, excluded.erased_at)";
        transaction.execute(remember, params![workspace, member, now]).map_err(failed)?;
        for delete in [
            "DELETE FROM former_name WHERE workspace = ?1 AND member = ?2",
            "DELETE FROM member WHERE workspace = ?1 AND uuid = ?2",
        ] {
            transaction.execute(delete, [&workspace, &member]).map_err(failed)?;
        }
        // The user stays while another member has them, without the address if none of those has it.
        for change in [
            "DELETE FROM gift WHERE workspace = ?1 AND user = ?2
                AND NOT EXISTS (SELECT 1 FROM member WHERE workspace = ?1 AND user = ?2)",
            "UPDATE user SET vouched_for_by = NULL WHERE uuid = ?2 AND vouched_for_by = ?1
                AND NOT EXISTS (SELECT 1 FROM member WHERE workspace = ?1 AND user = ?2)",
            "UPDATE user SET mail_key = NULL WHERE uuid = ?2 AND ?1 IS NOT NULL AND NOT EXISTS
                (SELECT 1 FROM member m WHERE m.user = user.uuid AND m.mail_key = user.mail_key)",
            "DELETE FROM user WHERE uuid = ?2 AND ?1 IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM member WHERE user = ?2)",
        ] {
            transaction.execute(change, [&workspace, &user]).map_err(failed)?;
        }
        Ok(())
    }
}

impl Fixture for Tables {
    fn create_project(&self, project: Project) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |transaction| {
            let insert = "INSERT OR IGNORE INTO workspace (uuid, welcome_credits) VALUES (?1, ?2)";
            let parameters = params![project.id.to_string(), project.free_tier];
            transaction.execute(insert, parameters).map(drop).map_err(failed)
        })
    }

    fn set_free_tier(
        &self,
        project: ProjectId,
        credits: Option<u32>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |transaction| {
            let update = "UPDATE workspace SET welcome_credits = ?2 WHERE uuid = ?1";
            let changed = transaction.execute(update, params![project.to_string(), credits]);
            if changed.map_err(failed)? == 1 { Ok(()) } else { Err(StoreError::UnknownProject) }
        })
    }

    fn create_bot(&self, project: ProjectId, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |transaction| {
            let insert = "INSERT OR IGNORE INTO chatbot (uuid, workspace) VALUES (?1, ?2)";
            transaction.execute(insert, [bot.to_string(), project.to_string()]).map(drop).map_err(failed)
        })
    }

    fn regenerate_secret(&self, bot: BotId) -> BoxFuture<'_, Result<SsoSecret, StoreError>> {
        self.run(move |transaction| {
            let secret = SsoSecret::generate().map_err(|error| StoreError::Generator(Cause::new(error)))?;
            self.set_secret(transaction, bot, Some(&secret))?;
            Ok(secret)
        })
    }

    fn remove_secret(&self, bot: BotId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |transaction| self.set_secret(transaction, bot, None))
    }

    fn subscriber<'a>(
        &'a self,
        project: ProjectId,
        by: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Option<Subscriber>, StoreError>> {
        self.run(move |transaction| Self::find(transaction, project, by))
    }

    fn subscriber_ids(&self, project: ProjectId) -> BoxFuture<'_, Result<Vec<SubscriberId>, StoreError>> {
        self.run(move |transaction| {
            let select = "SELECT uuid FROM member WHERE workspace = ?1 LIMIT 1000";
            let mut statement = transaction.prepare(select).map_err(failed)?;
            let ids = statement.query_map([project.to_string()], |row| id(row, 0)).map_err(failed)?;
            ids.collect::<Result<_, _>>().map_err(failed)
        })
    }

    fn forget(
        &self,
        project: ProjectId,
        subscriber: SubscriberId,
        now: OffsetDateTime,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.run(move |transaction| {
            let Some(erased) = Self::find(transaction, project, Lookup::Id(subscriber))? else {
                return Ok(false);
            };
            self.erase(transaction, project, &erased, now.unix_timestamp())?;
            Ok(true)
        })
    }
}
