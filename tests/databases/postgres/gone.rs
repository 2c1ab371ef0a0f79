//! A database that is slow, silent or gone: every call is answered in bounded time with an error that may be
//! retried, and when the database is back, so is the store. Times are compared with the store's own
//! time-outs, many times over.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use boostgpt_sso::store::{PostgresOptions, PostgresStore, Store as _, StoreError};
use servers::{Postgres, Proxy};
use tokio::runtime::{Builder, Handle};
use tokio_postgres::NoTls;

use crate::{
    breaking::{again, create_project_and_bot, person, provision, report, visit},
    database::{Database, block_on, master_key, server},
    support::bot,
};

const POOL: usize = 4;
const TIMEOUT: Duration = Duration::from_millis(300);
/// A call is answered within two time-outs, on a machine that has time for it.
const BOUND: Duration = TIMEOUT.saturating_mul(20);
const CALLERS: u64 = 60;

fn options() -> PostgresOptions {
    PostgresOptions::new()
        .with_pool_size(POOL)
        .with_connect_timeout(TIMEOUT)
        .with_acquire_timeout(TIMEOUT)
        .with_statement_timeout(TIMEOUT)
}

/// Runs a future in a runtime of its own, so that the tasks in it are those of this test.
fn block_on_its_own<T>(future: impl Future<Output = T>) -> T {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

async fn store_with_bot(url: &str) -> PostgresStore {
    let (store, _) = again(|| PostgresStore::connect(url, options(), master_key())).await;
    create_project_and_bot(&store).await.unwrap();
    store
}

/// Visits at once, of whom none may hang, and every error must be one that may be retried. The slowest, and
/// how many were identified.
async fn crowd(store: &PostgresStore, label: &str) -> (Duration, u64) {
    let calls: Vec<_> = (0..CALLERS)
        .map(|number| {
            let (store, person) = (store.clone(), person(&format!("{label}{number}")));
            tokio::spawn(async move {
                let started = Instant::now();
                let outcome = visit_or_error(&store, &person).await;
                (started.elapsed(), outcome)
            })
        })
        .collect();
    let (mut slowest, mut identified) = (Duration::ZERO, 0);
    for call in calls {
        let (time, outcome) = call.await.unwrap();
        slowest = slowest.max(time);
        match outcome {
            Ok(()) => identified += 1,
            Err(error) => assert!(error.is_retryable(), "{error}: {error:?}"),
        }
    }
    assert!(slowest < BOUND, "a call took {slowest:?}");
    (slowest, identified)
}

async fn visit_or_error(store: &PostgresStore, person: &boostgpt_sso::Identity) -> Result<(), StoreError> {
    visit(store, person).await.map(drop)
}

/// Nothing is left of the outage: all visits succeed, and the tasks of the calls that failed are gone.
async fn recovered(store: &PostgresStore, label: &str, tasks_before: usize) {
    let one = person(label);
    again(|| visit_or_error(store, &one)).await;
    for number in 0..50 {
        let (_, identified) = crowd(store, &format!("{label}{number}x")).await;
        if identified == CALLERS {
            break;
        }
        assert!(number < 49, "only {identified} of {CALLERS} visits succeed after the outage");
    }
    for _ in 0..500 {
        // Each open connection is one task.
        if Handle::current().metrics().num_alive_tasks() <= tasks_before + POOL {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let tasks = Handle::current().metrics().num_alive_tasks();
    panic!("{tasks} tasks are alive, {tasks_before} were before the outage");
}

fn back_ends(name: &str) -> usize {
    let count = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND application_name = 'boostgpt-sso'"
    );
    server().psql("postgres", &count).parse().unwrap()
}

#[test]
fn a_slow_database_is_not_given_more_and_more_to_do() {
    let database = Database::on_server();
    let Database::Server(name) = &database else { unreachable!() };
    block_on_its_own(async {
        let store = store_with_bot(&database.address()).await;
        let tasks = Handle::current().metrics().num_alive_tasks();
        let (other, connection) = tokio_postgres::connect(&database.address(), NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        other.batch_execute("BEGIN; LOCK TABLE sso.subscribers IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let (mut slowest, mut most) = (Duration::ZERO, 0);
        for round in 0..5 {
            let (time, identified) = crowd(&store, &format!("locked{round}x")).await;
            assert_eq!(identified, 0, "the lock does not hold");
            slowest = slowest.max(time);
            most = most.max(tokio::task::block_in_place(|| back_ends(name)));
        }
        assert!(most <= POOL, "{most} back ends for a pool of {POOL}");
        other.batch_execute("COMMIT").await.unwrap();
        drop(other);
        connection.await.unwrap().unwrap();
        recovered(&store, "unlocked", tasks).await;
        report(&format!(
            "PostgreSQL: tables locked under {} calls: all told to try again, slowest {} ms with time-outs \
             of {} ms, back ends at most {most} for a pool of {POOL}; all visits succeed afterwards",
            5 * CALLERS,
            slowest.as_millis(),
            TIMEOUT.as_millis()
        ));
    });
}

#[test]
fn a_database_that_is_gone_or_silent_is_an_error_in_time_and_recovers_without_a_restart() {
    let server = Arc::new(Postgres::start(&[]));
    let proxy = Proxy::start(server.port());
    block_on_its_own(async {
        let store = store_with_bot(&format!("{}?sslmode=disable", proxy.url_of("sso"))).await;
        crowd(&store, "before").await;
        let tasks = Handle::current().metrics().num_alive_tasks();
        type Act<'a> = Box<dyn Fn() + 'a>;
        let outages: [(&str, Act<'_>, Act<'_>); 4] = [
            ("stopped hard", Box::new(|| server.stop_hard()), Box::new(|| server.start_again())),
            ("stopped in its tracks", Box::new(|| server.freeze()), Box::new(|| server.thaw())),
            ("half open", Box::new(|| proxy.freeze()), Box::new(|| proxy.thaw())),
            (
                "refusing",
                Box::new(|| {
                    proxy.refuse(true);
                    proxy.cut_all();
                }),
                Box::new(|| proxy.refuse(false)),
            ),
        ];
        for (how, begin, end) in outages {
            let label = how.replace(' ', "");
            tokio::task::block_in_place(begin);
            let mut slowest = Duration::ZERO;
            for round in 0..3 {
                let (time, identified) = crowd(&store, &format!("{label}{round}x")).await;
                assert_eq!(identified, 0, "{how}: a server answers");
                slowest = slowest.max(time);
            }
            tokio::task::block_in_place(end);
            recovered(&store, &format!("{label}over"), tasks).await;
            report(&format!(
                "PostgreSQL {how} under {} calls: all told to try again, slowest {} ms with time-outs of {} \
                 ms; all visits succeed afterwards, no task left",
                3 * CALLERS,
                slowest.as_millis(),
                TIMEOUT.as_millis()
            ));
        }
    });
}

#[test]
fn of_several_hosts_the_one_that_takes_writes_is_found_behind_silent_and_closed_ones() {
    let (server, silent) = (Postgres::start(&[]), Postgres::start(&[]));
    silent.freeze();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let standby = Postgres::standby_of(&server);
    let ports = [silent.port(), closed, standby.port(), server.port()];
    let hosts = ports.map(|port| format!("127.0.0.1:{port}")).join(",");
    let url = format!("postgres://sso@{hosts}/sso?sslmode=disable");
    block_on(async {
        let options = PostgresOptions::new().with_pool_size(2);
        let store = PostgresStore::connect(&url, options, master_key()).await.unwrap();
        create_project_and_bot(&store).await.unwrap();
        assert!(visit(&store, &person("ada")).await.unwrap().provisioned.created_subscriber);
    });
    silent.thaw();
}

/// Each statement is in time, and all of them together are not.
#[test]
fn a_call_of_many_slow_statements_ends_when_its_time_is_over() {
    const SLOW: Duration = Duration::from_millis(800);
    const LIMIT: Duration = Duration::from_millis(1000);
    const ACQUIRE: Duration = Duration::from_millis(200);
    let database = Database::on_server();
    let Database::Server(name) = &database else { unreachable!() };
    let proxy = Proxy::start(server().port());
    block_on(async {
        let options = PostgresOptions::new().with_pool_size(1).with_statement_timeout(LIMIT);
        let options = options.with_acquire_timeout(ACQUIRE).with_connect_timeout(Duration::from_secs(3));
        let url = format!("{}?sslmode=disable", proxy.url_of(name));
        let (store, _) = again(|| PostgresStore::connect(&url, options.clone(), master_key())).await;
        create_project_and_bot(&store).await.unwrap();
        visit(&store, &person("ada")).await.unwrap();
        // Each way.
        proxy.delay(SLOW / 2);
        let began = Instant::now();
        let returning = provision(&store, &person("ada")).await;
        assert!(returning.is_ok(), "one statement is in time: {returning:?} after {:?}", began.elapsed());
        let began = Instant::now();
        let error = store.regenerate_secret(bot()).await.expect_err("two statements are not");
        let took = began.elapsed();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert!(took >= LIMIT && took < SLOW * 2, "{took:?}");
        proxy.delay(Duration::ZERO);
    });
}

/// Or a table that is locked for long would have ever more statements wait for it, of which none is answered.
#[test]
fn the_server_itself_gives_up_a_statement_that_is_late() {
    let database = Database::on_server();
    let Database::Server(name) = &database else { unreachable!() };
    let waiting = format!(
        "SELECT count(*) FROM pg_stat_activity
        WHERE datname = '{name}' AND application_name = 'boostgpt-sso' AND state = 'active'"
    );
    let count =
        || tokio::task::block_in_place(|| server().psql("postgres", &waiting).parse::<usize>().unwrap());
    block_on(async {
        let store = store_with_bot(&database.address()).await;
        let (other, connection) = tokio_postgres::connect(&database.address(), NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        other.batch_execute("BEGIN; LOCK TABLE sso.bots IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let visiting = tokio::spawn({
            let store = store.clone();
            async move { visit_or_error(&store, &person("ada")).await }
        });
        let mut most = 0;
        while !visiting.is_finished() {
            most = most.max(count());
        }
        visiting.await.unwrap().expect_err("the table is locked");
        assert!(most >= 1, "no statement waited");
        for _ in 0..200 {
            if count() == 0 {
                break;
            }
            tokio::time::sleep(TIMEOUT / 10).await;
        }
        assert_eq!(count(), 0, "the server still waits for the lock");
        other.batch_execute("COMMIT").await.unwrap();
        drop(other);
        connection.await.unwrap().unwrap();
    });
}

/// The kernel finds out that a server is gone without a word, on an idle connection too.
#[cfg(target_os = "linux")]
#[test]
fn idle_connections_are_kept_alive_by_the_kernel() {
    use rustix::{
        net::sockopt,
        process::{PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open},
    };

    let this = pidfd_open(rustix::process::getpid(), PidfdFlags::empty()).unwrap();
    let own = |fd: i32| pidfd_getfd(&this, fd, PidfdGetfdFlags::empty()).ok();
    // Our sockets that are connected with this port.
    let with_port = |port: u16| {
        let fds = std::fs::read_dir("/proc/self/fd").unwrap();
        let fds = fds.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let sockets = fds.filter_map(own);
        let is_there = |socket: &std::os::fd::OwnedFd| {
            let peer = rustix::net::getpeername(socket).ok().flatten().and_then(|peer| peer.try_into().ok());
            peer.is_some_and(|peer: std::net::SocketAddr| peer.port() == port)
        };
        sockets.filter(is_there).collect::<Vec<_>>()
    };
    let Database::Server(name) = Database::on_server() else { unreachable!() };
    // What the address says is left as it is.
    for (parameters, idle, interval, times, unanswered) in [
        ("", 30, 5, 3, 7000),
        ("&keepalives_idle=100&keepalives_retries=4&tcp_user_timeout=11", 100, 5, 4, 11_000),
        ("&keepalives_interval=9", 30, 9, 3, 7000),
    ] {
        let proxy = Proxy::start(server().port());
        let options = PostgresOptions::new().with_pool_size(1).with_statement_timeout(Duration::from_secs(7));
        let url = format!("{}?sslmode=disable{parameters}", proxy.url_of(&name));
        let store = block_on(PostgresStore::connect(&url, options, master_key())).unwrap();
        block_on(create_project_and_bot(&store)).unwrap_or_default();
        let sockets = with_port(proxy.port());
        assert_eq!(sockets.len(), 1, "the store's only connection");
        let socket = &sockets[0];
        assert!(sockopt::socket_keepalive(socket).unwrap());
        assert_eq!(sockopt::tcp_keepidle(socket).unwrap(), Duration::from_secs(idle));
        assert_eq!(sockopt::tcp_keepintvl(socket).unwrap(), Duration::from_secs(interval));
        assert_eq!(sockopt::tcp_keepcnt(socket).unwrap(), times);
        assert_eq!(sockopt::tcp_user_timeout(socket).unwrap(), unanswered, "ms without an answer");
    }
}
