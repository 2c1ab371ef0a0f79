//! A second server that follows a first, and may take its place.

use crate::{
    Postgres,
    postgres::program,
    run::{PATIENCE, wait_until},
};

const ALONE: &str = "alter system set synchronous_standby_names = ''; select pg_reload_conf()";

impl Postgres {
    /// A hot standby of that server, once it streams. Its name there is `standby`.
    pub fn standby_of(primary: &Postgres) -> Postgres {
        let new = Self::empty();
        let port = primary.port().to_string();
        let from =
            ["-d", "application_name=standby", "-U", "sso", "-h", primary.guard.folder_text(), "-p", &port];
        let to = ["-D", "data", "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"];
        new.guard.run(&program("pg_basebackup"), &[&from[..], &to].concat());
        new.configure(&[("hot_standby", "on")]);
        let standby = new.start_first();
        // It has copied the primary's settings, and must not wait for itself.
        standby.psql("postgres", ALONE);
        primary.wait_for_standby("state = 'streaming'");
        standby
    }

    /// Whether this standby applies what it receives from now on.
    pub fn replay(&self, applies: bool) {
        let how = if applies { "resume" } else { "pause" };
        self.psql("postgres", &format!("select pg_wal_replay_{how}()"));
        let state = "select pg_get_wal_replay_pause_state()";
        let is_so = || (self.psql("postgres", state) == "paused") != applies;
        assert!(wait_until(PATIENCE, is_so), "the standby does not {how}:\n{}", self.log_tail());
    }

    /// From now on a commit of this primary waits for its standby.
    pub fn make_synchronous(&self) {
        self.psql(
            "postgres",
            "alter system set synchronous_standby_names = 'standby'; select pg_reload_conf()",
        );
        self.wait_for_standby("sync_state = 'sync'");
    }

    /// Makes this standby a primary, which waits for no other.
    pub fn promote(&self) {
        self.psql("postgres", ALONE);
        let promoted = self.psql("postgres", "select pg_promote(true, 60)");
        assert!(promoted == "t", "the standby was not promoted:\n{}", self.log_tail());
        let is_primary = || self.psql("postgres", "select pg_is_in_recovery()") == "f";
        assert!(wait_until(PATIENCE, is_primary), "the standby still recovers:\n{}", self.log_tail());
    }

    fn wait_for_standby(&self, state: &str) {
        let count = format!(
            "select count(*) from pg_stat_replication where application_name = 'standby' and state = \
             'streaming' and {state}"
        );
        let is_there = || self.psql("postgres", &count) == "1";
        assert!(wait_until(PATIENCE, is_there), "no standby with {state}:\n{}", self.log_tail());
    }
}
