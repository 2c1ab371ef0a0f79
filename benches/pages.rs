//! What a page load costs a service. `scripts/bench-pages` puts an axum service on each store and has `wrk`
//! send it requests from beside it, on the same machine: a service that does nothing, one that verifies, a
//! visitor without a token, and returning visitors who are identified. They take turns. Of times only ratios
//! within one run mean anything.

#[allow(dead_code, reason = "the load test uses more of it")]
mod databases;
#[allow(dead_code, reason = "the load test uses more of it")]
mod visitors;

use std::{env, fmt::Write as _, fs, path::Path, process::Command, sync::Arc};

use axum::{
    Router,
    extract::{Path as Segment, State},
    http::{StatusCode, header},
    routing::post,
};
use boostgpt_sso::{
    Authenticator, BotId, Identity, Signer, Verifier, Visitor,
    store::{Store, StoreError},
    time::OffsetDateTime,
    web::PresentedToken,
};
use databases::{Engine, OnPostgres, OnSqlite};
use tokio::net::TcpListener;
use visitors::{Agent, new_agents, person};

/// Visitors who return, each with a token of their own.
const VISITORS: u64 = 400;
/// Connections to PostgreSQL.
const CONNECTIONS: usize = 8;
/// Requests at once.
const AT_ONCE: &str = "32";

/// What the service that does nothing answers: as many bytes as the others.
const ANSWER: &str =
    r#"{"identified":true,"subscriber_id":"0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1","new":false}"#;

async fn visit(
    Segment(bot): Segment<String>,
    State(authenticator): State<Arc<Authenticator>>,
    token: PresentedToken,
) -> Result<Result<Visitor, StoreError>, StatusCode> {
    let bot: BotId = bot.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(authenticator.authenticate(bot, &token).await)
}

type Answer = Result<([(header::HeaderName, &'static str); 1], &'static str), StatusCode>;

async fn nothing(_: Segment<String>, _: PresentedToken) -> Answer {
    Ok(([(header::CONTENT_TYPE, "application/json")], ANSWER))
}

async fn verify(_: Segment<String>, State(verifier): State<Verifier>, token: PresentedToken) -> Answer {
    verifier.verify(&token).map_err(|_| StatusCode::UNAUTHORIZED)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], ANSWER))
}

/// Serves on a free port, and returns the address.
async fn serve(service: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, service).await.expect("a service") });
    format!("http://{address}")
}

/// What `wrk` is told: the requests, one after the other.
fn script(folder: &Path, name: &str, requests: &[(String, Option<String>)]) -> String {
    let mut text = "local requests, next = {}, 0\nfunction init()\n".to_owned();
    for (path, token) in requests {
        let bearer = token.as_ref().map(|token| format!("[\"Authorization\"] = \"Bearer {token}\""));
        let headers = bearer.unwrap_or_default();
        let line = format!("  table.insert(requests, wrk.format(\"POST\", \"{path}\", {{{headers}}}))");
        writeln!(text, "{line}").expect("a text");
    }
    text.push_str("end\nfunction request()\n  next = next % #requests + 1\n  return requests[next]\nend\n");
    let file = folder.join(name);
    fs::write(&file, text).expect("a file");
    file.to_str().expect("a path").to_owned()
}

/// A side of the comparison, and what it reached: requests a second, p50 and p99 in milliseconds.
struct Side {
    name: &'static str,
    url: String,
    script: String,
    rounds: Vec<[f64; 3]>,
}

impl Side {
    /// Sends requests for so many seconds. All of them must be answered with 200.
    fn run(&mut self, seconds: &str) {
        let duration = format!("{seconds}s");
        let arguments = ["-t1", "-c", AT_ONCE, "-d", &duration, "--latency", "-s", &self.script, &self.url];
        let output = Command::new("wrk").args(arguments).output();
        let output = output.expect("wrk runs: install Debian's `wrk`");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && !text.contains("Non-2xx") && !text.contains("Socket"), "{text}");
        // Before the distribution there are shares of other things, which may have the same figures.
        let distribution = text.split_once("Latency Distribution").expect("a distribution").1;
        let after = |label: &str| {
            let rest = distribution.split_once(label).unwrap_or_else(|| panic!("no {label}: {text}")).1;
            rest.split_whitespace().next().expect("a value").to_owned()
        };
        let milliseconds = |label: &str| {
            let value = after(label);
            let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            let number: f64 = value[..value.len() - unit.len()].parse().expect("a number");
            let milliseconds_each = match unit {
                "us" => 0.001,
                "ms" => 1.0,
                _ => 1000.0,
            };
            number * milliseconds_each
        };
        let rate = after("Requests/sec:").parse().expect("a number");
        self.rounds.push([rate, milliseconds("50%"), milliseconds("99%")]);
    }

    fn median(&self, column: usize) -> f64 {
        let mut values: Vec<f64> = self.rounds.iter().map(|round| round[column]).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    }
}

/// The requests of the visitors who return, who have come once before.
async fn known(authenticator: &Authenticator, agents: &[Agent]) -> Vec<(String, Option<String>)> {
    let mut requests = Vec::new();
    for number in 0..VISITORS {
        let (agent, email, external_id) = person(number);
        let (_, bot, signer) = &agents[agent];
        let user = Identity::new(&email).and_then(|user| user.with_external_id(&external_id));
        let token = signer.sign(&user.expect("valid"));
        let first = authenticator.authenticate_at(*bot, token.as_str(), OffsetDateTime::now_utc()).await;
        assert!(matches!(first, Ok(Visitor::Identified(_))), "a first visit");
        requests.push((format!("/agents/{bot}/visit"), Some(token.into())));
    }
    requests
}

async fn identified(store: Arc<dyn Store>) -> (String, Vec<(String, Option<String>)>) {
    let agents = new_agents(Arc::clone(&store)).await;
    let authenticator = Arc::new(Authenticator::new(store));
    let requests = known(&authenticator, &agents).await;
    let router = Router::new().route("/agents/{bot}/visit", post(visit)).with_state(authenticator);
    (serve(router).await, requests)
}

async fn compare(seconds: String, rounds: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let on_disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder in the target folder");
    let (mut sqlite, mut postgres) = (OnSqlite(on_disk), OnPostgres::new());
    let (on_sqlite, sqlite_visits) = identified(sqlite.open(0, true).await).await;
    let (on_postgres, postgres_visits) = identified(postgres.open(CONNECTIONS, true).await).await;

    let secret = boostgpt_sso::SsoSecret::generate().expect("a secret");
    let user = Identity::new("ada@example.com").and_then(|user| user.with_external_id("user_0192f0c12d3e"));
    let token = Signer::new(&secret).sign(&user.expect("valid"));
    let one = vec![("/agents/bot/visit".to_owned(), Some(token.into()))];
    let nothing = Router::new().route("/agents/{bot}/visit", post(nothing));
    let verified = Router::new().route("/agents/{bot}/visit", post(verify));
    let verified = verified.with_state(Verifier::new(&secret));
    let without_token: Vec<_> = sqlite_visits.iter().map(|(path, _)| (path.clone(), None)).collect();

    let side = |name, url, requests: &[(String, Option<String>)]| {
        let script = script(folder.path(), &format!("{}.lua", str::replace(name, ' ', "_")), requests);
        Side { name, url, script, rounds: Vec::new() }
    };
    let mut sides = [
        side("does nothing", serve(nothing).await, &one),
        side("verifies alone", serve(verified).await, &one),
        side("no token", on_sqlite.clone(), &without_token),
        side("identified on SQLite", on_sqlite, &sqlite_visits),
        side("identified on PostgreSQL", on_postgres, &postgres_visits),
    ];
    for _ in 0..rounds {
        for side in &mut sides {
            // `wrk` is a process beside the service, whose threads go on.
            tokio::task::block_in_place(|| side.run(&seconds));
        }
    }
    let most = sides[0].median(0);
    println!("\n| a page load | of the service that does nothing | requests a second | p50 ms | p99 ms |");
    println!("|---|---|---|---|---|");
    for side in &sides {
        let [rate, p50, p99] = [0, 1, 2].map(|column| side.median(column));
        println!("| {} | {:.2} | {rate:.0} | {p50:.2} | {p99:.2} |", side.name, rate / most);
    }
    for (side, goal) in [(3, 0.75), (4, 0.33)] {
        let ratio = sides[side].median(0) / most;
        let verdict = if ratio >= goal { "reached" } else { "not reached" };
        println!("{}: {ratio:.2}, goal {goal}: {verdict}", sides[side].name);
    }
}

fn main() {
    let (mut seconds, mut rounds) = ("5".to_owned(), 5);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value");
        match argument.as_str() {
            "--seconds" => seconds = value(),
            "--rounds" => rounds = value().parse().expect("a number"),
            "--test" => (seconds, rounds) = ("1".to_owned(), 1),
            other => assert_eq!(other, "--bench", "unknown"), // which is from Cargo
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(compare(seconds, rounds));
}
