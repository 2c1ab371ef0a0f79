//! axum: requests without a network, and the code of the examples.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
    routing::post,
};
use boostgpt_sso::web::{PresentedToken, PresentedTokenOrQuery};
use futures_util::StreamExt as _;
use http_body_util::{BodyExt, Limited};
use serde_json::Value;
use tower::ServiceExt;

use super::{
    requests::{JSON, Sent, counted_pieces, requests},
    visitor::{self, SCRIPT},
};
use crate::support::*;

#[allow(dead_code, reason = "main is not called here")]
#[path = "../../demo/examples/axum_customer.rs"]
pub mod axum_customer;
#[allow(dead_code, reason = "main is not called here")]
#[path = "../../demo/examples/axum_service.rs"]
mod axum_service;

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

fn extractors() -> Router {
    Router::new()
        .route("/", post(async |token: PresentedToken| token.as_str().to_owned()))
        .route("/or-query", post(async |token: PresentedTokenOrQuery| token.as_str().to_owned()))
}

fn request(sent: &Sent, path: &str) -> Request<Body> {
    let mut request = Request::post(format!("{path}?{}", sent.query));
    for (name, value) in &sent.headers {
        request = request.header(*name, &value[..]);
    }
    request.body(Body::from(sent.body.clone())).unwrap()
}

#[tokio::test]
async fn a_request_presents_its_token_and_never_fails() {
    for sent in requests() {
        for (path, expected) in [("/", &sent.token), ("/or-query", &sent.or_query)] {
            let response = extractors().oneshot(request(&sent, path)).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{}", sent.what);
            assert_eq!(&text(response).await, expected, "{} at {path}", sent.what);
        }
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_presents_nothing() {
    let broken = Body::new(Limited::new(Body::from(r#"{"userToken":"a.b.c"}"#), 5));
    let request = Request::post("/").header(header::CONTENT_TYPE, JSON).body(broken).unwrap();
    let response = extractors().oneshot(request).await.unwrap();
    assert_eq!((response.status(), text(response).await), (StatusCode::OK, String::new()));
}

#[tokio::test]
async fn no_more_than_16_kib_of_a_body_are_read() {
    let read = Arc::default();
    let pieces = counted_pieces(&read).map(|piece| Ok::<_, std::convert::Infallible>(piece.to_vec()));
    let request =
        Request::post("/").header(header::CONTENT_TYPE, JSON).body(Body::from_stream(pieces)).unwrap();
    let response = extractors().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(read.load(Ordering::SeqCst), 17, "KiB were read");
}

/// The status, and the JSON of an answer that no cache may store.
async fn answer(response: Response) -> (u16, Value) {
    let headers = response.headers();
    assert_eq!(headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(headers.get_all(header::CACHE_CONTROL).iter().collect::<Vec<_>>(), ["no-store"]);
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let retry_after = headers.get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    assert_eq!(retry_after.as_deref(), (status == 503).then_some("1"));
    (status, serde_json::from_str(&text(response).await).unwrap())
}

#[tokio::test]
async fn the_customer_s_site_keeps_its_visitors_apart() {
    let site = axum_customer::site(bot(), SCRIPT, signer()).unwrap();
    visitor::check(async |request: visitor::Ask| {
        let mut asked = Request::builder().method(request.method).uri(request.path);
        for (name, value) in &request.headers {
            asked = asked.header(*name, value);
        }
        let response = site.clone().oneshot(asked.body(Body::from(request.body)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        visitor::Answer { status, headers, body: text(response).await }
    })
    .await;
}

mod service {
    use axum::response::IntoResponse;
    use boostgpt_sso::{Authenticator, store::StoreError};

    use super::{
        super::{service::*, slow},
        *,
    };

    async fn visit(service: &Router, path: String, token: &str) -> Response {
        let body = serde_json::json!({"userToken": token}).to_string();
        let request = Request::post(path).header(header::CONTENT_TYPE, JSON);
        service.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_service_answers_200_to_every_token_and_503_without_a_store() {
        let house = house().await;
        let service = axum_service::service(Authenticator::new(house.store.clone()), Duration::from_secs(10));
        let path = format!("/agents/{}/visit", house.bot);
        for new in [true, false] {
            let identified = answer(visit(&service, path.clone(), &house.token).await).await;
            assert_eq!(identified, (200, house.identified(new).await));
        }
        for token in bad_tokens(&house.token) {
            let refused = answer(visit(&service, path.clone(), &token).await).await;
            assert_eq!(refused, (200, anonymous()), "{token}");
        }
        let unknown = answer(visit(&service, format!("/agents/{OTHER_BOT}/visit"), &house.token).await).await;
        assert_eq!(unknown, (200, anonymous()));
        let no_id = visit(&service, "/agents/1/visit".to_owned(), &house.token).await;
        assert_eq!(no_id.status(), StatusCode::NOT_FOUND);

        house.store.fail(true);
        let outage = answer(visit(&service, path.clone(), &house.token).await).await;
        assert_eq!(outage, (503, unavailable()));
        house.store.fail(false);
        let after = answer(visit(&service, path, &house.token).await).await;
        assert_eq!(after, (200, house.identified(false).await));
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_answered_in_time() {
        let house = house().await;
        let service = axum_service::service(Authenticator::new(house.store.clone()), slow::LIMIT);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(axum::serve(listener, service).into_future());
        slow::check(address, &format!("/agents/{}/visit", house.bot)).await;
        server.abort();
    }

    #[tokio::test]
    async fn what_a_retry_does_not_help_is_500() {
        let response = answer(StoreError::UnknownBot.into_response()).await;
        assert_eq!(response, (500, serde_json::json!({"error": "unknown_bot"})));
    }
}
