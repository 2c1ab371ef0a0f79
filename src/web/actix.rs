//! actix-web: responses and extractors.

use std::{convert::Infallible, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    },
    web,
};
use serde::Serialize;

#[cfg(feature = "store")]
use super::answer::{ErrorBody, VisitorBody, status};
use super::{
    presented::{BodyKind, MAX_BODY_BYTES, PresentedToken, PresentedTokenOrQuery},
    token_response::TokenResponse,
};
#[cfg(feature = "store")]
use crate::{authenticator::Visitor, store::StoreError};

/// Makes JSON that no cache stores and no browser takes for anything else.
fn json(status: StatusCode, value: &impl Serialize) -> HttpResponse {
    // Texts and numbers under names that are texts: always JSON.
    let body = serde_json::to_string(value).unwrap_or_default();
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(body)
}

impl Responder for TokenResponse {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(StatusCode::OK, &self)
    }
}

/// Always 200: an anonymous visitor is not an error.
#[cfg(feature = "store")]
impl Responder for Visitor {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(StatusCode::OK, &VisitorBody::from(&self))
    }
}

/// 503 with `Retry-After` if the same request may succeed a little later, else 500. The body is the code
/// alone.
#[cfg(feature = "store")]
impl actix_web::ResponseError for StoreError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(status(self).0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = json(self.status_code(), &ErrorBody::from(self));
        if let Some(seconds) = status(self).1 {
            let retry_after = actix_web::http::header::RETRY_AFTER;
            response.headers_mut().insert(retry_after, HeaderValue::from_static(seconds));
        }
        response
    }
}

impl FromRequest for PresentedToken {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let authorization = headers.get_all(AUTHORIZATION).map(HeaderValue::as_bytes);
        if let Some(token) = Self::from_authorization(authorization) {
            return Box::pin(async { Ok(token) });
        }
        let kind = headers.get(CONTENT_TYPE).and_then(|value| BodyKind::of(value.as_bytes()));
        let body = kind.map(|kind| (kind, web::Payload::from_request(request, payload)));
        Box::pin(async {
            Ok(match body {
                Some((kind, body)) => match body.await {
                    Ok(body) => read(kind, body).await,
                    Err(_) => Self::default(), // there is always a payload
                },
                None => Self::default(),
            })
        })
    }
}

impl FromRequest for PresentedTokenOrQuery {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let token = PresentedToken::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move { Ok(Self::new(token.await?, request.uri().query())) })
    }
}

async fn read(kind: BodyKind, body: web::Payload) -> PresentedToken {
    match body.to_bytes_limited(MAX_BODY_BYTES).await {
        Ok(Ok(body)) => PresentedToken::from_body(kind, Some(&body)),
        Ok(Err(_)) => PresentedToken::default(), // the connection broke
        Err(_) => PresentedToken::from_body(kind, None),
    }
}
