//! axum: responses and extractors.

use std::convert::Infallible;

use axum_core::{
    body::Body,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http_body_util::{BodyExt, LengthLimitError, Limited};
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
fn json(value: &impl Serialize) -> Response {
    // Texts and numbers under names that are texts: always JSON.
    let body = serde_json::to_string(value).unwrap_or_default();
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        json(&self)
    }
}

/// Always 200: an anonymous visitor is not an error.
#[cfg(feature = "store")]
impl IntoResponse for Visitor {
    fn into_response(self) -> Response {
        json(&VisitorBody::from(&self))
    }
}

/// 503 with `Retry-After` if the same request may succeed a little later, else 500. The body is the code
/// alone.
#[cfg(feature = "store")]
impl IntoResponse for StoreError {
    fn into_response(self) -> Response {
        let (status, retry_after) = status(&self);
        let status = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = retry_after.map(|seconds| [(http::header::RETRY_AFTER, seconds)]);
        (status, retry_after, json(&ErrorBody::from(&self))).into_response()
    }
}

impl<S: Send + Sync> FromRequest<S> for PresentedToken {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        let headers = request.headers();
        let authorization = headers.get_all(AUTHORIZATION).iter().map(http::HeaderValue::as_bytes);
        if let Some(token) = Self::from_authorization(authorization) {
            return Ok(token);
        }
        let kind = headers.get(CONTENT_TYPE).and_then(|value| BodyKind::of(value.as_bytes()));
        Ok(match kind {
            Some(kind) => read(kind, request.into_body()).await,
            None => Self::default(),
        })
    }
}

impl<S: Send + Sync> FromRequest<S> for PresentedTokenOrQuery {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        let uri = request.uri().clone();
        let token = PresentedToken::from_request(request, state).await?;
        Ok(Self::new(token, uri.query()))
    }
}

async fn read(kind: BodyKind, body: Body) -> PresentedToken {
    match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => PresentedToken::from_body(kind, Some(&body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => PresentedToken::from_body(kind, None),
        Err(_) => PresentedToken::default(), // the connection broke
    }
}
