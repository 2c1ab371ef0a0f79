//! "Check a token": the owner pastes one and reads who it is, or what is wrong with it. It comes in the body
//! of a form and goes nowhere: not into an address, a log or the store.
//!
//! The doctor knows the secret, and its answers depend on it. So only the owner of the agent may ask (a real
//! dashboard requires their login), and not as often as they like. Its work is arithmetic, which takes its
//! time: it is not done on the threads that answer requests.

use std::{
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Form,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use boostgpt_sso::{
    diagnose::{Doctor, Report},
    store::{BotSecret, VerifiedVisitor},
    time::{Duration, OffsetDateTime},
};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::{BoostGpt, answer::Answer, dashboard, flash::Flash, subscribers::Wanted};
use crate::html::escape;

/// More than any token, and than any mistake that holds one.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The checks of one agent within a minute.
const MAX_CHECKS: usize = 10;

/// When the latest checks were made.
#[derive(Default)]
pub(super) struct Limit(Mutex<Vec<OffsetDateTime>>);

impl Limit {
    /// Returns whether another check may be made now.
    fn allows(&self, now: OffsetDateTime) -> bool {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.retain(|at| now - *at < Duration::MINUTE);
        let allowed = latest.len() < MAX_CHECKS;
        if allowed {
            latest.push(now);
        }
        allowed
    }
}

#[derive(Deserialize)]
struct Pasted {
    token: String,
}

pub(super) fn route() -> MethodRouter<Arc<BoostGpt>> {
    post(check).layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

async fn check(State(app): State<Arc<BoostGpt>>, Form(pasted): Form<Pasted>) -> Answer<Response> {
    let now = app.clock.now();
    if !app.checks.allows(now) {
        let text = format!("<h3>Too many checks: at most {MAX_CHECKS} a minute. Wait a moment.</h3>");
        let flash = Flash { diagnosis: text, ..Flash::default() };
        let page = dashboard::page(&app, &Wanted::default(), flash).await?;
        return Ok((StatusCode::TOO_MANY_REQUESTS, page).into_response());
    }
    let (bot, secret) = (app.origins.bot, app.store.current_secret(app.origins.bot).await?.into_secret());
    let examined = spawn_blocking(move || {
        let mut doctor = Doctor::new().for_bot(bot);
        if let Some(BotSecret { secret, .. }) = &secret {
            doctor = doctor.with_secret(secret.clone());
        }
        let visitor = secret.and_then(|secret| secret.verifier().verify_at(&pasted.token, now).ok());
        html(&doctor.examine_at(&pasted.token, now), visitor.as_ref())
    });
    let Ok(diagnosis) = examined.await else { return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()) };
    Ok(app.flashes.redirect("/#diagnosis", Flash { diagnosis, ..Flash::default() }, now))
}

fn html(report: &Report, visitor: Option<&VerifiedVisitor>) -> String {
    let text = report.to_string();
    let verdict = escape(text.lines().next().unwrap_or_default());
    let mut html = format!("<h3>{verdict}</h3>");
    if let Some(visitor) = visitor {
        html += &who(visitor);
    }
    html += "<ol>";
    for finding in report.findings() {
        let (title, code) = (escape(finding.mistake().title()), finding.code());
        write!(html, "<li>{title} <code>{code}</code><dl>").expect("a string takes everything");
        for (name, text) in [("Seen", finding.seen()), ("Why", finding.why()), ("Fix", finding.fix())] {
            write!(html, "<dt>{name}<dd>{}", escape(text)).expect("a string takes everything");
        }
        html += "</dl>";
    }
    html + "</ol>"
}

/// Who the token vouches for, and until when.
fn who(visitor: &VerifiedVisitor) -> String {
    let identity = visitor.identity();
    let until = identity.expires_at();
    let (hour, minute, second) = until.to_hms();
    let until = format!("{} {hour:02}:{minute:02}:{second:02} UTC", until.date());
    let facts = [
        ("Name", identity.name()),
        ("E-mail", Some(identity.email().as_str())),
        ("External id", identity.external_id()),
        ("Until", Some(until.as_str())),
    ];
    let fact = |(name, text): (&str, Option<&str>)| {
        format!("<dt>{name}<dd><bdi>{}</bdi>", escape(text.unwrap_or("–")))
    };
    format!("<dl class=who>{}</dl>", facts.map(fact).concat())
}
