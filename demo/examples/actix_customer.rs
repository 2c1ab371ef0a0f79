//! A customer's back end on actix-web: a page with the widget, and the token endpoint behind the login.
//!
//! `BOOSTGPT_SSO_SECRET=… cargo run --example actix_customer --features actix`

use std::{error::Error, future};

use actix_web::{
    App, FromRequest, HttpRequest, HttpServer,
    dev::Payload,
    error::{ErrorUnauthorized, ErrorUnprocessableEntity},
    http::header::COOKIE,
    web::{Data, Html, ServiceConfig, get},
};
use boostgpt_sso::{
    BotId, Identity, Signer,
    web::{Snippet, TokenResponse},
};

/// Stands for your login: whose session it is, or 401.
struct LoggedIn {
    email: &'static str,
    id: &'static str,
}

impl FromRequest for LoggedIn {
    type Error = actix_web::Error;
    type Future = future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let session = request.headers().get(COOKIE).filter(|cookie| *cookie == "session=ada");
        let user = session.map(|_| Self { email: "ada@example.com", id: "42" });
        future::ready(user.ok_or_else(|| ErrorUnauthorized("log in first")))
    }
}

/// No login, no token; and an address that cannot be signed gives none either: the visitor is anonymous.
async fn widget_token(user: LoggedIn, signer: Data<Signer>) -> actix_web::Result<TokenResponse> {
    let identity = Identity::new(user.email).and_then(|identity| identity.with_external_id(user.id));
    Ok(signer.sign(&identity.map_err(ErrorUnprocessableEntity)?).into())
}

/// The site; its page is the same for everybody.
pub fn site(bot: BotId, signer: Signer) -> impl FnOnce(&mut ServiceConfig) {
    let page = format!("<!DOCTYPE html><title>Shop</title><h1>Shop</h1>{}", Snippet::new(bot).fetching());
    let page = move || future::ready(Html::new(page.clone()));
    move |site| {
        site.app_data(Data::new(signer))
            .route("/", get().to(page))
            .route("/widget-token", get().to(widget_token));
    }
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (bot, signer): (BotId, _) = ("0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?, Signer::from_env()?);
    println!("curl --cookie session=ada http://127.0.0.1:3002/widget-token");
    let server = HttpServer::new(move || App::new().configure(site(bot, signer.clone())));
    Ok(server.bind("127.0.0.1:3002")?.run().await?)
}
