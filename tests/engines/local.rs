//! A server of ours, reached in the ways people reach theirs.

use std::{thread, time::Duration};

use fire::{
    crowd::Door,
    table::{self, Row},
};
use servers::{PgBouncer, Pgpool, Postgres};

use crate::{Args, engine};

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
            let door = Door { address: url, prepares };
            let name = format!("{version} {way}");
            let mut row = engine::fire(args, &name, door, &server.tcp_url_of(way), |dice| {
                server.terminate_backends();
                thread::sleep(Duration::from_millis(dice.between(200, 600)));
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
