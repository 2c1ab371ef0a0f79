//! `subscriber` and `stats`, on both databases.

use std::sync::Arc;

use boostgpt_sso::{
    Authenticator, BotId, Identity, Signer, SsoSecret, Visitor,
    store::StoreError,
    time::{Duration, OffsetDateTime},
};
use serde_json::{Value, json};

use super::{
    stores::{bot_of, migrated, project},
    *,
};
use crate::database::{Database, block_on};

/// These people come this many days ago.
pub fn visit(database: &Database, bot: BotId, secret: &SsoSecret, people: Vec<Identity>, ago: i64) {
    let then = OffsetDateTime::now_utc() - Duration::days(ago);
    let signer = Signer::new(secret);
    block_on(async {
        let authenticator = Arc::new(Authenticator::new(database.connect().await.unwrap()));
        let identified = |visitor: Result<Result<Visitor, StoreError>, tokio::task::JoinError>| {
            let visitor = visitor.unwrap().unwrap();
            assert!(matches!(visitor, Visitor::Identified(_)), "{visitor:?}");
        };
        let mut visits = tokio::task::JoinSet::new();
        for identity in people {
            // Not all at once: on a busy machine the last would wait longer than a store lets a visit wait.
            if visits.len() == 32 {
                identified(visits.join_next().await.unwrap());
            }
            let (authenticator, token) = (Arc::clone(&authenticator), signer.sign_at(&identity, then));
            visits.spawn(async move { authenticator.authenticate_at(bot, token, then).await });
        }
        while let Some(visitor) = visits.join_next().await {
            identified(visitor);
        }
    });
}

pub fn people(count: usize) -> Vec<Identity> {
    (0..count).map(|n| Identity::new(&format!("reader{n}@example.com")).unwrap()).collect()
}

/// A store with a project that these visited today.
pub fn visited(database: &Database, people: Vec<Identity>) -> (String, String) {
    let store = migrated(database);
    let project = project(&store);
    let (bot, secret) = bot_of(&project, &store);
    visit(database, bot, &secret, people, 0);
    (store, project)
}

fn subscriber<'a>(command: &'a str, project: &'a str, more: &[&'a str], store: &str) -> Call {
    call(&[&["subscriber", command, "--project", project], more].concat()).at(store)
}

#[test]
fn a_subscriber_is_shown_listed_and_forgotten() {
    for database in Database::each() {
        let hostile = "\u{1b}]0;owned\u{7}";
        let ada = ada().with_name(hostile).unwrap().with_external_id("42").unwrap();
        let (store, project) = visited(&database, vec![ada]);
        let today = OffsetDateTime::now_utc().date().to_string();

        let shown = subscriber("show", &project, &["--email", "ADA@example.com", "--json"], &store).json();
        let id = shown["id"].as_str().unwrap();
        assert_eq!(
            shown,
            json!({
                "id": id, "project": project, "account": shown["account"], "email": "ada@example.com",
                "name": hostile, "external_id": "42",
                "first_day": today, "last_day": today, "applied_at": shown["applied_at"], "granted": 100,
                "past_addresses": 0,
            })
        );
        assert!(shown["account"].is_string() && shown["applied_at"].is_i64());
        for by in [&["--external-id", "42"][..], &[id]] {
            let text = subscriber("show", &project, by, &store).answer();
            assert!(text.contains("name         \\u{1b}]0;owned\\u{7}\n"), "{text}");
            assert!(text.contains(id) && text.contains("credits      100"), "{text}");
        }
        let list = subscriber("list", &project, &[], &store).answer();
        let [heading, line] = list.lines().collect::<Vec<_>>()[..] else { panic!("{list}") };
        assert!(heading.starts_with("subscriber   ") && heading.ends_with("name"), "{list}");
        assert_eq!(
            line,
            format!(
                r"{id}  {today}  {today}      100  ada@example.com  42           \u{{1b}}]0;owned\u{{7}}"
            )
        );

        for unknown in [&["--external-id", "43"][..], &["--email", "eve@example.com"], &[BOT]] {
            subscriber("show", &project, unknown, &store)
                .fails(1, "there is no such subscriber in this project");
            let forget = [unknown, &["--yes"]].concat();
            subscriber("forget", &project, &forget, &store).fails(1, "there is no such subscriber");
        }
        subscriber("show", &project, &["--email", "eve"], &store).fails(2, "e-mail");
        assert_eq!(subscriber("show", &project, &[], &store).run().status, 2);
        assert_eq!(subscriber("show", &project, &[id, "--external-id", "42"], &store).run().status, 2);

        subscriber("forget", &project, &[id], &store).fails(2, "add --yes");
        let without_key = subscriber("forget", &project, &[id, "--yes"], &store);
        without_key.without("BOOSTGPT_SSO_MASTER_KEY").fails(2, "BOOSTGPT_SSO_MASTER_KEY is not set");
        let forgotten = subscriber("forget", &project, &[id, "--yes", "--json"], &store).json();
        assert_eq!(forgotten, json!({ "forgotten": id, "project": project }));
        subscriber("show", &project, &[id], &store).fails(1, "there is no such subscriber");
        assert_eq!(subscriber("list", &project, &[], &store).answer(), "");
        assert_eq!(database.number("SELECT count(*) FROM sso_subscribers"), 0);
    }
}

#[test]
fn lists_are_newest_first_and_say_where_they_go_on() {
    for database in Database::each() {
        let (store, project) = visited(&database, people(1001));
        let listed = |more: &[&str]| {
            let done = subscriber("list", &project, &[&["--json"], more].concat(), &store).run();
            assert_eq!(done.status, 0, "{done:?}");
            let ids = done.out.lines().map(|line| json(line)["id"].as_str().unwrap().to_owned());
            (ids.collect::<Vec<_>>(), done.err)
        };
        let (ids, more) = listed(&["--all"]);
        assert_eq!((ids.len(), &*more), (1001, ""));
        assert!(
            ids.is_sorted_by(|one, next| one > next),
            "the ids begin with the time, so this is newest first"
        );
        // The default is a screen or two.
        assert_eq!(listed(&[]), (ids[..50].to_vec(), format!("more: --after {}\n", ids[49])));
        for (from, count) in [(0, 700), (700, 301), (700, 300), (1000, 1), (0, 0), (500, 500)] {
            let limit = count.to_string();
            let after = (from > 0).then(|| ids[from - 1].clone());
            let arguments = ["--limit", &limit, "--after"];
            let (page, more) = match &after {
                Some(after) => listed(&[&arguments[..], &[after.as_str()]].concat()),
                None => listed(&arguments[..2]),
            };
            assert_eq!(page, ids[from..from + count]);
            let goes_on = count > 0 && from + count < ids.len();
            let expected =
                if goes_on { format!("more: --after {}\n", ids[from + count - 1]) } else { String::new() };
            assert_eq!(more, expected, "{count} from {from}");
        }
        let text = subscriber("list", &project, &["--all"], &store).answer();
        assert_eq!(text.lines().count(), 1002, "one heading");
        assert_eq!(text.lines().filter(|line| line.starts_with("subscriber")).count(), 1);
        subscriber("list", BOT, &[], &store).fails(1, "there is no such project");
        for limit in ["-1", "many", "4294967296"] {
            assert_eq!(subscriber("list", &project, &["--limit", limit], &store).run().status, 2);
        }
    }
}

#[test]
fn stats_count_days_weeks_and_months() {
    for database in Database::each() {
        let store = migrated(&database);
        let project = project(&store);
        let (bot, secret) = bot_of(&project, &store);
        for (count, ago) in [(5, 30), (4, 29), (4, 7), (3, 6), (2, 1), (1, 0)] {
            visit(&database, bot, &secret, people(count), ago);
        }
        let stats =
            |arguments: &[&str]| call(&[&["stats", "--project", &project], arguments].concat()).at(&store);
        let report = stats(&["--json", "--days", "3"]).json();
        let numbers =
            |day: &Value| ["new", "daily", "weekly", "monthly"].map(|name| day[name].as_u64().unwrap());
        let days = report["days"].as_array().unwrap();
        assert_eq!(report["project"], *project);
        assert_eq!(days.iter().map(numbers).collect::<Vec<_>>(), [[0, 0, 4, 5], [0, 2, 4, 5], [0, 1, 3, 4]]);
        assert_eq!(days[2]["date"], OffsetDateTime::now_utc().date().to_string());

        let table = stats(&[]).answer();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!((lines.len(), lines[0]), (15, "day         new  daily  weekly  monthly"));
        assert!(lines[14].ends_with("    0      1       3        4"), "{table}");
        let long = stats(&["--json", "--days", "31"]).json();
        assert_eq!(numbers(&long["days"][0]), [5, 5, 5, 5]);
        for days in ["0", "367", "-1", "many"] {
            assert_eq!(stats(&["--days", days]).run().status, 2);
        }
    }
}
