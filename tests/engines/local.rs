//! A server of ours, reached in the ways people reach theirs.

use std::{env, fs, path::PathBuf, process::Command, thread, time::Duration};

use boostgpt_sso::store::PostgresStore;
use fire::{
    crowd::Door,
    table::{self, Row},
};
use servers::{PgBouncer, Pgpool, Postgres};

use crate::{Access, Args, engine};

/// The environment variable with the folder of the server's programs.
pub const PROGRAMS: &str = "POSTGRES_PROGRAMS";

/// Runs this program again for the oldest and for the newest version that npm has installed.
pub fn run_oldest_and_newest() -> Vec<String> {
    let versions = installed();
    let [(_, oldest), .., (_, newest)] = &versions[..] else {
        let how = "npm ci --prefix tests/engines --omit=optional";
        return vec![format!("not even two versions of PostgreSQL are installed: {how}")];
    };
    let runs = [oldest, newest].into_iter().map(|folder| {
        let mut again = Command::new(env::current_exe().expect("the path of this program"));
        again.args(env::args_os().skip(1)).arg("--short").env(PROGRAMS, folder);
        let passed = again.status().is_ok_and(|status| status.success());
        (!passed).then(|| format!("{} fails: see above", folder.display()))
    });
    runs.flatten().collect()
}

/// The versions that npm has installed, the oldest first.
fn installed() -> Vec<(u32, PathBuf)> {
    let packages = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules"));
    let found = fs::read_dir(packages).into_iter().flatten().flatten();
    let version = |entry: fs::DirEntry| {
        let version = entry.file_name().to_str()?.strip_prefix("postgresql-")?.parse().ok()?;
        Some((version, entry.path().join("native/bin")))
    };
    let mut versions: Vec<_> = found.filter_map(version).collect();
    versions.sort();
    versions
}

/// Starts a server and everything in front of it.
pub fn run(args: &Args) -> Vec<String> {
    let server = Postgres::start(&[]);
    let version = server.version();
    println!("engines: PostgreSQL {version}");
    let bouncer = PgBouncer::start(&server);
    let pool = (!args.is_short).then(|| Pgpool::start(&[&server], &[]));
    let ways = ["direct", "through_pgbouncer"].into_iter().chain(pool.as_ref().map(|_| "through_pgpool"));
    let (mut rows, mut complaints) = (Vec::<Row>::new(), Vec::new());
    for way in ways {
        server.create_database(way);
        let url = match way {
            "through_pgbouncer" => bouncer.url_of(way),
            "through_pgpool" => pool.as_ref().map(|pool| pool.url_of(way)).unwrap_or_default(),
            _ => server.tcp_url_of(way),
        };
        let prepares = way == "direct";
        // As `scripts/engine --pooled --existing` does.
        let is_pooled = way == "through_pgbouncer";
        let access = Access { is_pooled, is_existing: is_pooled };
        let mut found = Vec::new();
        if access.is_existing {
            found.extend(engine::enter(access, &url).is_ok().then(|| "no tables are accepted".to_owned()));
            make_tables(&server, way);
        }
        found.extend(engine::enter(access, &url).err());
        if prepares || !args.is_short {
            found.extend(engine::conformance(args, &url, false));
        }
        if !args.is_short {
            found.extend(prepares.then(|| engine::conformance(args, &url, true)).into_iter().flatten());
        }
        if !prepares || !args.is_short {
            found.extend(engine::histories(args, &url));
        }
        if found.is_empty() {
            let door = Door { prepares, ..Door::new(&url) };
            let name = format!("{version} {way}");
            let own = if is_pooled { url.clone() } else { server.tcp_url_of(way) };
            let mut row = engine::fire(args, &name, door, &own, |rng| {
                server.terminate_backends();
                thread::sleep(Duration::from_millis(rng.between(200, 600)));
                server.stop_hard();
                server.start_again();
            });
            row.restarts = 1;
            found = row.complaints.clone();
            rows.push(row);
            found
                .extend(engine::enter(access, &url).is_ok().then(|| "filled tables are accepted".to_owned()));
            found.extend(engine::leave(access, &url).err());
            found.extend(engine::enter(access, &url).err());
        }
        complaints.extend(found.into_iter().map(|complaint| format!("{version} {way}: {complaint}")));
    }
    table::print(&rows);
    complaints
}

/// Makes the tables by hand, as an operator does.
fn make_tables(server: &Postgres, database: &str) {
    for schema in engine::SCHEMAS {
        server.psql(database, &format!("CREATE SCHEMA {schema}"));
        for migration in PostgresStore::migrations(schema).expect("a schema's name") {
            server.psql(database, &migration.sql);
        }
    }
}
