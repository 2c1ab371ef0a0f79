//! A customer's back end on actix-web: login, logout, the token endpoint, and a page with the widget.
//!
//! ```sh
//! BOOSTGPT_SSO_SECRET=… cargo run -p boostgpt-sso-demo --example actix_customer
//! ```
//!
//! `PORT` is its port. `WIDGET_SCRIPT` is another widget than BoostGPT's own, such as that of
//! `widget-demo --embedder http://127.0.0.1:3002`.

pub(crate) mod login;
mod shop;
mod start;

use std::{env, error::Error, process::ExitCode, time::SystemTime};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Responder,
    error::ErrorForbidden,
    http::header,
    middleware::DefaultHeaders,
    web::{Data, Form, ServiceConfig, get, post, scope},
};
use boostgpt_sso::{
    BotId, Signer,
    web::{Snippet, TokenResponse},
};
use login::{Sessions, is_own_form};
use serde::Deserialize;
use serde_json::json;
use shop::User;

struct Site {
    signer: Signer,
    sessions: Sessions<User>,
    policy: String,
    page: String,
}

/// Signs for the user who is logged in, and for no one else. Every answer is 200, and no cache stores it.
async fn widget_token(site: Data<Site>, request: HttpRequest) -> TokenResponse {
    let user = site.sessions.user(header(&request, header::COOKIE), SystemTime::now());
    let Some(user) = user else { return TokenResponse::anonymous() };
    match user.identity() {
        Ok(identity) => site.signer.sign(&identity).into(),
        Err(error) => {
            // For you, not for the visitor.
            start::warn(format!("user {} stays anonymous: {error}", user.id));
            TokenResponse::anonymous()
        }
    }
}

/// Answers who is logged in, for the page's own script.
async fn user(site: Data<Site>, request: HttpRequest) -> impl Responder {
    let user = site.sessions.user(header(&request, header::COOKIE), SystemTime::now());
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(json!({ "name": user.map(|user| user.name) }))
}

#[derive(Deserialize)]
struct LogIn {
    user: String,
}

async fn log_in(
    site: Data<Site>,
    request: HttpRequest,
    form: Form<LogIn>,
) -> actix_web::Result<impl Responder> {
    refuse_other_sites(&request)?;
    let user = User::with_id(&form.user).ok_or(ErrorForbidden("no such user"))?; // you check a password
    let cookies = header(&request, header::COOKIE);
    Ok(back_home(site.sessions.log_in(cookies, user.id, user, SystemTime::now())))
}

async fn log_out(site: Data<Site>, request: HttpRequest) -> actix_web::Result<impl Responder> {
    refuse_other_sites(&request)?;
    Ok(back_home(site.sessions.log_out(header(&request, header::COOKIE))))
}

fn refuse_other_sites(request: &HttpRequest) -> actix_web::Result<()> {
    let (origin, host) = (header(request, header::ORIGIN), header(request, header::HOST));
    if is_own_form(origin, host) { Ok(()) } else { Err(ErrorForbidden("a form of another site")) }
}

fn back_home(cookie: String) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::SET_COOKIE, cookie))
        .insert_header((header::LOCATION, "/"))
        .finish()
}

fn header(request: &HttpRequest, name: header::HeaderName) -> &str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Answers the page: the same for every visitor, so a cache may keep it.
async fn page(site: Data<Site>) -> impl Responder {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, site.policy.clone()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(site.page.clone())
}

async fn shop_script() -> impl Responder {
    HttpResponse::Ok().content_type("text/javascript").body(shop::SCRIPT)
}

/// Makes the site, with the widget's script at this address. It is made once, for all of the server's
/// threads.
pub(crate) fn site(
    bot: BotId,
    script: &str,
    signer: Signer,
) -> Result<impl FnOnce(&mut ServiceConfig) + Clone + use<>, Box<dyn Error>> {
    let snippet = Snippet::new(bot).with_script(script)?;
    let (policy, page_text) = (shop::policy(&snippet, script)?, shop::page(&snippet, bot));
    let site = Data::new(Site { signer, sessions: Sessions::new("actix_session"), policy, page: page_text });
    Ok(move |config: &mut ServiceConfig| {
        config.service(
            scope("")
                // No answer is taken for another type than its own.
                .wrap(DefaultHeaders::new().add((header::X_CONTENT_TYPE_OPTIONS, "nosniff")))
                .app_data(site)
                .route("/", get().to(page))
                .route("/shop.js", get().to(shop_script))
                .route("/user", get().to(user))
                .route("/widget-token", get().to(widget_token))
                .route("/login", post().to(log_in))
                .route("/logout", post().to(log_out)),
        );
    })
}

#[actix_web::main]
async fn main() -> ExitCode {
    start::end(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let bot = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1".parse()?; // from the agent's Deploy page
    let script = env::var("WIDGET_SCRIPT").unwrap_or("https://embed.boostgpt.co/widget.js".to_owned());
    let site = site(bot, &script, Signer::from_env()?)?;
    let listener = start::listen(3002)?;
    start::say(format!("open http://{}", listener.local_addr()?));
    let server = HttpServer::new(move || App::new().configure(site.clone()));
    Ok(server.listen(listener)?.run().await?)
}
