//! The README's code: each of its Rust blocks is the body of one of these functions, compiled and run here.

use boostgpt_sso::{BotId, store::PostgresStore};

use crate::{
    database::{Database, block_on},
    support::*,
};

type Failure = Box<dyn std::error::Error>;

#[rustfmt::skip]
fn sign() -> Result<String, Failure> {
use boostgpt_sso::{Identity, Signer};

let signer = Signer::from_env()?; // once
let user = Identity::new("ada@example.com")?.with_name("Ada Lovelace")?.with_external_id("42")?;
let token = signer.sign(&user); // for every page load; one hour; cannot fail
    Ok(token.into())
}

#[rustfmt::skip]
fn verify(presented: &str) -> Result<(), Failure> {
use boostgpt_sso::{SsoSecret, Verifier};

let verifier = Verifier::new(&SsoSecret::from_env()?); // once per agent
match verifier.verify(presented) {
    Ok(visitor) => println!("identified until {}", visitor.expires_at()),
    Err(reason) => println!("anonymous: {}", reason.code()), // for the operator, not for the visitor
}
    Ok(())
}

#[rustfmt::skip]
async fn provision(bot_id: BotId, presented_token: &str) -> Result<(), Failure> {
use boostgpt_sso::{Authenticator, Visitor, store::{MasterKey, SqliteStore}};

let authenticator = Authenticator::new(SqliteStore::open("sso.db", MasterKey::from_env()?).await?); // once
match authenticator.authenticate(bot_id, presented_token).await? {
    Visitor::Identified(session) => println!("history and memory hang on {}", session.provisioned.subscriber),
    Visitor::Anonymous(reason) => println!("carry on; for the operator: {}", reason.code()),
}
    Ok(())
}

#[rustfmt::skip]
async fn on_postgres() -> Result<PostgresStore, Failure> {
use boostgpt_sso::store::{MasterKey, PostgresOptions, PostgresStore};

let url = std::env::var("DATABASE_URL")?; // postgres://sso@db1,db2/boostgpt?sslmode=verify-full
let options = PostgresOptions::new().with_prepared_statements(); // not through a transaction-pooling proxy
let store = PostgresStore::connect(&url, options, MasterKey::from_env()?).await?;
    Ok(store)
}

#[rustfmt::skip]
mod endpoint {
    use axum::{
        extract::{FromRequestParts, State},
        http::{StatusCode, request::Parts},
    };
    use boostgpt_sso::{Identity, Signer};

    pub struct LoggedIn {
        email: String,
    }

    impl<S: Sync> FromRequestParts<S> for LoggedIn {
        type Rejection = StatusCode;

        async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
            let user = parts.headers.get("x-user").ok_or(StatusCode::UNAUTHORIZED)?;
            Ok(Self { email: user.to_str().unwrap().to_owned() })
        }
    }

    pub fn site(signer: Signer) -> axum::Router {
        axum::Router::new().route("/widget-token", axum::routing::get(widget_token)).with_state(signer)
    }

use boostgpt_sso::web::TokenResponse;

async fn widget_token(user: LoggedIn, State(signer): State<Signer>) -> Result<TokenResponse, StatusCode> {
    let identity = Identity::new(&user.email).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    Ok(signer.sign(&identity).into()) // {"token":"…","expires_at":…}, Cache-Control: no-store
}
}

#[test]
fn every_rust_block_stands_here() {
    let readme = include_str!("../../README.md");
    let blocks: Vec<_> =
        readme.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 5);
    for block in blocks {
        assert!(include_str!("readme.rs").contains(block), "not compiled in tests/web/readme.rs:\n{block}");
    }
}

#[tokio::test]
async fn the_endpoint_answers_who_is_logged_in() {
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    for (user, status) in [(None, 401), (Some("ada@example.com"), 200), (Some("nobody"), 422)] {
        let mut request = axum::http::Request::get("/widget-token");
        if let Some(user) = user {
            request = request.header("x-user", user);
        }
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = endpoint::site(signer()).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body.starts_with(b"{\"token\":\"eyJ"), status == 200);
    }
}

/// The page that fetches its token is what the crate writes.
#[test]
fn the_fetching_form_is_a_snippet() {
    let readme = include_str!("../../README.md").replace("YOUR_BOT_UUID", BOT);
    let snippet = boostgpt_sso::web::Snippet::new(bot());
    assert!(readme.contains(&format!("```html\n{}\n```", snippet.fetching())));
    let token = signer().sign(&ada());
    let tag = snippet.with_token(&token).to_string().replace(token.as_str(), "THE_TOKEN");
    assert!(readme.contains(&format!("```html\n{tag}\n```")));
}

/// In a process of its own, with the environment and the folder that the code expects.
#[test]
fn the_code_does_what_it_says() {
    const CHILD: &str = "BOOSTGPT_SSO_TEST_README";
    if std::env::var_os(CHILD).is_some() {
        verify(&sign().unwrap()).unwrap();
        verify("garbage").unwrap();
        block_on(provision(bot(), "garbage")).unwrap();
        block_on(on_postgres()).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = Database::on_server();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "readme::the_code_does_what_it_says", "--nocapture"])
        .current_dir(folder.path())
        .env(CHILD, "1")
        .env("BOOSTGPT_SSO_SECRET", SECRET)
        .env("DATABASE_URL", database.address())
        .env("BOOSTGPT_SSO_MASTER_KEY", "7a".repeat(32))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    for line in
        ["identified until ", "anonymous: malformed", "carry on; for the operator: no_secret", "1 passed"]
    {
        assert!(text.contains(line), "{line} not in {text}{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(folder.path().join("sso.db").exists());
    assert_eq!(database.number("SELECT count(*) FROM sso_migrations"), 1);
}
