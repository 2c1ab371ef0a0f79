//! Hostile values in every field: refused by the token rules or stored inert, byte for byte, the same in
//! every store.

use boostgpt_sso::store::SubscriberStore as _;
use std::sync::Arc;

use boostgpt_sso::{
    Authenticator, Email, Verifier, Visitor,
    store::{Lookup, MemoryStore, Store},
};
use serde_json::json;

use super::*;
use crate::support::{HEADER, NOW, base64url, bot, hmac};

/// A token with these claims under this secret, whatever they are.
fn token(secret: &str, claims: &serde_json::Value) -> String {
    let signed = format!("{}.{}", base64url(HEADER), base64url(claims.to_string()));
    format!("{signed}.{}", base64url(hmac(secret.as_bytes(), &signed)))
}

fn values() -> Vec<String> {
    let mut values: Vec<String> = [
        "\0",
        "a\0b",
        "\u{1f600}",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "\u{202e}gnp.exe",
        "\u{200f}\u{200e}\u{2066}x\u{2069}",
        "'; DROP TABLE sso_subscribers; --",
        "' OR '1'='1",
        "\" OR \"\"=\"",
        "x') ON CONFLICT DO UPDATE SET id = x'00' --",
        "%",
        "_",
        "*",
        "?1",
        "NULL",
        "null",
        "x'00'",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "&amp;&lt;",
        "{{7*7}}${7*7}#{7*7}",
        "../../etc/passwd",
        "\\",
        "\r\nSet-Cookie: a=b",
        "\t\u{b}\u{c}",
        " ",
        " a ",
        "a",
        "A",
        "\u{e9}",
        "e\u{301}",
        "\u{130}",
        "i\u{307}",
        "\u{df}",
        "SS",
        "\u{212a}",
        "k",
        "\u{feff}",
        "\u{fffe}\u{ffff}\u{10ffff}",
        "\u{fffd}",
        "0",
        "00",
        "1e3",
        "18446744073709551616",
        "-0",
    ]
    .map(str::to_owned)
    .into();
    // The limits of C9 to C11, and one beyond each.
    for (unit, lengths) in [
        ("a", &[62, 63, 64, 65, 240, 242, 243, 254, 255, 256, 257][..]),
        ("\u{1f600}", &[16, 17, 63, 64, 255, 256, 257]),
        ("\u{e4}", &[32, 33, 127, 128, 256]),
    ] {
        values.extend(lengths.iter().map(|length| unit.repeat(*length)));
    }
    values
}

/// Claims with the value in each place where a text can be.
fn claims(value: &str, number: usize) -> Vec<serde_json::Value> {
    let times = |mut claims: serde_json::Value| {
        claims["iat"] = NOW.into();
        claims["exp"] = (NOW + 3600).into();
        claims
    };
    let mail = format!("mail{number}@example.com");
    let own = |place: char| format!("{place}{number}@example.com");
    vec![
        times(json!({"email": value})),
        times(json!({"email": format!("{value}@example.com"), "external_id": format!("local {number}")})),
        times(json!({"email": format!("d{number}@{value}"), "external_id": format!("domain {number}")})),
        times(json!({"email": mail, "name": value})),
        times(json!({"email": own('x'), "external_id": value})),
        times(json!({"email": own('n'), "name": value, "external_id": format!("{value}{number}")})),
    ]
}

/// What came of it, told without the ids, which differ.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Refused(&'static str),
    Stored {
        email: Option<String>,
        name: Option<String>,
        external_id: Option<String>,
        is_new: bool,
        conflict: bool,
    },
}

async fn outcome(store: &dyn Store, authenticator: &Authenticator, token: &str) -> Outcome {
    match authenticator.authenticate_at(bot(), token, now()).await.unwrap() {
        Visitor::Anonymous(reason) => Outcome::Refused(reason.code()),
        Visitor::Identified(session) => {
            let by = |lookup| store.subscriber(project(), lookup);
            let found =
                by(Lookup::Id(session.provisioned.subscriber)).await.unwrap().expect("the subscriber");
            // The other ways to the same row take the value for what it is: no pattern, no SQL.
            if let Some(id) = &found.external_id {
                assert!(by(Lookup::ExternalId(id)).await.unwrap().as_ref() == Some(&found));
            }
            if let Some(email) = &found.email {
                let email = Email::new(email).unwrap();
                assert!(by(Lookup::Email(email)).await.unwrap().as_ref() == Some(&found));
            }
            Outcome::Stored {
                email: found.email,
                name: found.name,
                external_id: found.external_id,
                is_new: session.provisioned.created_subscriber,
                conflict: session.provisioned.conflict.is_some(),
            }
        }
    }
}

#[test]
fn hostile_values_are_refused_or_inert_and_the_same_in_every_store() {
    Database::each().iter().for_each(present_all);
}

fn present_all(database: &Database) {
    close_on(block_on(furnished_on(database)), database);
    let tables = schema(database);
    let (mut stored, mut refused) = (0_u32, 0_u32);
    block_on(async {
        let store = furnished_on(database).await;
        let memory = Arc::new(MemoryStore::new());
        create_project_and_bot(&memory).await.unwrap();
        let in_database = Authenticator::new(store.clone());
        let in_memory = Authenticator::new(Arc::clone(&memory));
        let secret = current_secret(&store).await.secret;
        let memory_secret = memory.current_secret(bot()).await.unwrap().into_secret().unwrap().secret;
        let verifier = Verifier::new(&secret);
        for (number, value) in values().into_iter().enumerate() {
            for claims in claims(&value, number) {
                let presented = token(secret.expose_secret(), &claims);
                let here = outcome(&store, &in_database, &presented).await;
                let there = token(memory_secret.expose_secret(), &claims);
                assert_eq!(here, outcome(&memory, &in_memory, &there).await, "{claims}");
                match (verifier.verify_at(&presented, now()), &here) {
                    (Err(error), Outcome::Refused(code)) => {
                        refused += 1;
                        assert_eq!(error.code(), *code, "{claims}");
                    }
                    (Ok(visitor), Outcome::Stored { email, name, external_id, conflict, .. }) => {
                        stored += 1;
                        if !conflict {
                            assert_eq!(email.as_deref(), Some(visitor.email().as_str()), "{claims}");
                        }
                        assert!(visitor.name().is_none() || visitor.name() == name.as_deref(), "{claims}");
                        assert_eq!(visitor.external_id(), external_id.as_deref(), "{claims}");
                        if let Some(name) = visitor.name() {
                            assert_eq!(claims["name"], name);
                        }
                    }
                    (verdict, outcome) => panic!("{claims}: {verdict:?}, {outcome:?}"),
                }
            }
        }
        drop(in_database);
        close_on(store, database);
    });
    assert_eq!(check::duplicates(database), 0);
    assert_eq!(schema(database), tables, "the tables have changed");
    assert!(stored > 100 && refused > 50, "{stored} stored, {refused} refused");
    report(&format!(
        "{database}: hostile values: calls {}, stored inert {stored}, refused {refused}, duplicates 0",
        stored + refused
    ));
}

/// The text of all tables and indexes.
fn schema(database: &Database) -> String {
    database.text(match database {
        Database::File(..) => {
            "SELECT group_concat(coalesce(sql, name), '; ') FROM (SELECT * FROM sqlite_master ORDER BY name)"
        }
        Database::Server(_) => {
            "SELECT string_agg(concat_ws(' ', table_schema, table_name, column_name, data_type), '; '
                ORDER BY table_schema, table_name, ordinal_position)
            FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        }
    })
}
