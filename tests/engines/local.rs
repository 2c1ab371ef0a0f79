//! A server of ours, reached in the ways people reach theirs.

use std::{env, fs, path::PathBuf, process::Command, thread, time::Duration};

use fire::{
    crowd::Door,
    table::{self, Row},
};
use servers::{PgBouncer, Pgpool, Postgres};

use crate::{Args, engine};

/// The environment variable with the folder of the server's programs.
pub const PROGRAMS: &str = "POSTGRES_PROGRAMS";

/// Runs this program again for the oldest and for the newest version that npm has installed.
pub fn run_oldest_and_newest() -> Vec<String> {
    let mut versions = installed();
    let Some((_, newest)) = versions.pop() else {
        return vec!["no PostgreSQL is installed: npm ci --prefix tests/engines --omit=optional".to_owned()];
    };
    let oldest = versions.into_iter().next().map(|(_, folder)| folder);
    let runs = oldest.into_iter().chain([newest]).map(|folder| {
        let mut again = Command::new(env::current_exe().expect("the path of this program"));
        again.args(env::args_os().skip(1)).env(PROGRAMS, &folder);
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
    let pool = Pgpool::start(&[&server], &[]);
    let ways = ["direct", "through_pgbouncer", "through_pgpool"];
    let (mut rows, mut complaints) = (Vec::<Row>::new(), Vec::new());
    for way in ways {
        server.create_database(way);
        let url = match way {
            "through_pgbouncer" => bouncer.url_of(way),
            "through_pgpool" => pool.url_of(way),
            _ => server.tcp_url_of(way),
        };
        let prepares = way == "direct";
        let mut found = engine::conformance(&url, false);
        if prepares {
            found.extend(engine::conformance(&url, true));
            found.extend(engine::histories(args, &url));
        }
        if found.is_empty() {
            let door = Door { prepares, ..Door::new(&url) };
            let name = format!("{version} {way}");
            let mut row = engine::fire(args, &name, door, &server.tcp_url_of(way), |rng| {
                server.terminate_backends();
                thread::sleep(Duration::from_millis(rng.between(200, 600)));
                server.stop_hard();
                server.start_again();
            });
            row.restarts = 1;
            found = row.complaints.clone();
            rows.push(row);
        }
        complaints.extend(found.into_iter().map(|complaint| format!("{version} {way}: {complaint}")));
    }
    table::print(&rows);
    complaints
}
