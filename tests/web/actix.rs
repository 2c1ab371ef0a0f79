//! actix-web: requests without a network, and the code of the example.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
};

use actix_web::{
    App, FromRequest as _, HttpResponse,
    body::{BoxBody, to_bytes},
    dev::Payload,
    error::PayloadError,
    http::header,
    test::{TestRequest, call_service, init_service, try_call_service},
    web,
};
use boostgpt_sso::web::{PresentedToken, PresentedTokenOrQuery};
use futures_util::{Stream, StreamExt as _};
use serde_json::Value;

use super::{
    requests::{JSON, Sent, counted_pieces, requests},
    visitor::{self, SCRIPT},
};
use crate::support::*;

#[allow(dead_code, reason = "main is not called here")]
#[path = "../../demo/examples/actix_customer.rs"]
mod actix_customer;

async fn text(response: HttpResponse) -> String {
    String::from_utf8(to_bytes(response.into_body()).await.unwrap().to_vec()).unwrap()
}

fn request(sent: &Sent, path: &str) -> TestRequest {
    let mut request = TestRequest::post().uri(&format!("{path}?{}", sent.query));
    for (name, value) in &sent.headers {
        request = request.append_header((*name, &value[..]));
    }
    request.set_payload(sent.body.clone())
}

#[actix_web::test]
async fn a_request_presents_its_token_and_never_fails() {
    let extractors = App::new()
        .route("/", web::post().to(async |token: PresentedToken| token.as_str().to_owned()))
        .route("/or-query", web::post().to(async |token: PresentedTokenOrQuery| token.as_str().to_owned()));
    let extractors = init_service(extractors).await;
    for sent in requests() {
        for (path, expected) in [("/", &sent.token), ("/or-query", &sent.or_query)] {
            let response = call_service(&extractors, request(&sent, path).to_request()).await;
            assert_eq!(response.status(), 200, "{}", sent.what);
            let text = text(response.into_parts().1.map_into_boxed_body()).await;
            assert_eq!(&text, expected, "{} at {path}", sent.what);
        }
    }
}

type Body = Pin<Box<dyn Stream<Item = Result<web::Bytes, PayloadError>>>>;

#[actix_web::test]
async fn no_more_than_16_kib_of_a_body_are_read() {
    let read = Arc::default();
    let pieces = counted_pieces(&read).map(|piece| Ok(web::Bytes::copy_from_slice(&piece)));
    let request = TestRequest::post().insert_header((header::CONTENT_TYPE, JSON)).to_http_request();
    let mut payload = Payload::from(Box::pin(pieces) as Body);
    PresentedToken::from_request(&request, &mut payload).await.unwrap();
    assert_eq!(read.load(Ordering::SeqCst), 17, "KiB were read");
}

/// The status, and the JSON of an answer that no cache may store.
async fn answer(response: HttpResponse<BoxBody>) -> (u16, Value) {
    let headers = response.headers();
    assert_eq!(headers.get(header::CONTENT_TYPE).unwrap(), "application/json");
    assert_eq!(headers.get_all(header::CACHE_CONTROL).collect::<Vec<_>>(), ["no-store"]);
    assert_eq!(headers.get(header::X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
    let retry_after = headers.get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    assert_eq!(retry_after.as_deref(), (status == 503).then_some("1"));
    (status, serde_json::from_str(&text(response).await).unwrap())
}

#[actix_web::test]
async fn the_customer_s_site_keeps_its_visitors_apart() {
    let site = actix_customer::site(bot(), SCRIPT, signer()).unwrap();
    let site = init_service(App::new().configure(site)).await;
    visitor::check(async |request: visitor::Ask| {
        let mut asked = TestRequest::with_uri(request.path).method(request.method.parse().unwrap());
        for (name, value) in &request.headers {
            asked = asked.append_header((*name, value.as_str()));
        }
        let asked = asked.set_payload(request.body).to_request();
        let response = try_call_service(&site, asked).await;
        let response = response.map_or_else(
            |error| error.error_response(),
            |answer| answer.into_parts().1.map_into_boxed_body(),
        );
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        visitor::Answer { status, headers, body: text(response).await }
    })
    .await;
}

mod service {
    use actix_web::{
        HttpServer, ResponseError,
        body::MessageBody,
        dev::{ServiceRequest, ServiceResponse},
        error::ErrorRequestTimeout,
        middleware::{Next, from_fn},
        rt::time::timeout,
        web::Data,
    };
    use boostgpt_sso::{
        Authenticator, BotId, Visitor,
        store::{Cause, StoreError},
    };

    use super::{
        super::{service::*, slow},
        *,
    };

    async fn visit(
        bot: web::Path<String>,
        authenticator: Data<Authenticator>,
        token: PresentedToken,
    ) -> Result<Visitor, StoreError> {
        authenticator.authenticate(bot.parse::<BotId>().unwrap(), &token).await
    }

    #[actix_web::test]
    async fn a_service_answers_200_to_every_token_and_503_without_a_store() {
        let house = house().await;
        let service = App::new()
            .app_data(Data::new(Authenticator::new(house.store.clone())))
            .route("/agents/{bot}/visit", web::post().to(visit));
        let service = init_service(service).await;
        let visit = async |bot: &str, token: &str| {
            let request = TestRequest::post().uri(&format!("/agents/{bot}/visit"));
            let request = request.set_json(serde_json::json!({"userToken": token})).to_request();
            answer(call_service(&service, request).await.into_parts().1.map_into_boxed_body()).await
        };
        let bot = house.bot.to_string();
        for new in [true, false] {
            assert_eq!(visit(&bot, &house.token).await, (200, house.identified(new).await));
        }
        for token in bad_tokens(&house.token) {
            assert_eq!(visit(&bot, &token).await, (200, anonymous()), "{token}");
        }
        assert_eq!(visit(OTHER_BOT, &house.token).await, (200, anonymous()));

        house.store.fail(true);
        assert_eq!(visit(&bot, &house.token).await, (503, unavailable()));
        house.store.fail(false);
        assert_eq!(visit(&bot, &house.token).await, (200, house.identified(false).await));
    }

    /// The code of the documentation of [`PresentedToken`], with another limit.
    async fn in_time(
        request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
        let answer = timeout(slow::LIMIT, next.call(request)).await;
        answer.unwrap_or_else(|_| Err(ErrorRequestTimeout("the request took too long")))
    }

    #[actix_web::test]
    async fn a_body_that_never_ends_is_answered_in_time() {
        let house = house().await;
        let authenticator = Data::new(Authenticator::new(house.store.clone()));
        let server = HttpServer::new(move || {
            let app = App::new().app_data(authenticator.clone()).wrap(from_fn(in_time));
            app.route("/agents/{bot}/visit", web::post().to(visit))
        });
        let server = server.workers(1).bind("127.0.0.1:0").unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        slow::check(address, &format!("/agents/{}/visit", house.bot)).await;
        handle.stop(false).await;
    }

    #[actix_web::test]
    async fn what_a_retry_does_not_help_is_500() {
        let error = StoreError::Full(Cause::new(std::io::Error::other("no room for ada@example.com")));
        assert_eq!(error.status_code(), 500);
        let response = answer(error.error_response()).await;
        assert_eq!(response, (500, serde_json::json!({"error": "full"})));
    }
}
