//! "Check a token": the owner pastes one and reads who it is, or what is wrong with it. It comes in the body
//! of a form and goes nowhere: not into an address, a log or the store.
//!
//! The doctor knows the secret, and its answers depend on it. So only the owner of the agent may ask (a real
//! dashboard requires their login), and not as often as they like. Its work is arithmetic, which takes its
//! time: it is not done on the threads that answer requests.

use std::{fmt::Write, sync::Arc};

use axum::{
    Form,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use boostgpt_sso::{
    diagnose::{Doctor, Finding, Report, Verdict},
    store::{BotSecret, VerifiedVisitor},
};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::{answer::Answer, limit::MAX_CHECKS, notice::Notice, state::BoostGpt};
use crate::html::escape;

/// More than any token, and than any mistake that holds one.
const MAX_BODY_BYTES: usize = 64 * 1024;

#[derive(Deserialize)]
struct Pasted {
    token: String,
}

pub(super) fn route() -> MethodRouter<Arc<BoostGpt>> {
    post(check).layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

async fn check(State(app): State<Arc<BoostGpt>>, Form(pasted): Form<Pasted>) -> Answer<Response> {
    let now = app.clock.now();
    let show =
        |diagnosis| app.notices.redirect("/#diagnosis", Notice { diagnosis, ..Notice::default() }, now);
    if let Err(wait) = app.checks.count(now) {
        let seconds = wait.whole_seconds() + 1;
        let text = format!("at most {MAX_CHECKS} a minute. Try again in {seconds} s.");
        return Ok(show(format!("<div class=refused><h3>Too many checks: {text}</h3></div>")));
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
    Ok(show(diagnosis))
}

fn html(report: &Report, visitor: Option<&VerifiedVisitor>) -> String {
    let (class, verdict) = match (report.verdict(), report.cause()) {
        (Verdict::Accepted, _) => ("valid", "Valid".to_owned()),
        (_, Some(cause)) => ("refused", format!("Refused: {}", with_code(cause.mistake().title()))),
        (Verdict::Refused(reason), None) => ("refused", format!("Refused: {}", escape(&reason.to_string()))),
        (Verdict::Unknown, None) => ("unknown", "Not checked: this agent has no secret".to_owned()),
    };
    let mut html = format!("<div class={class}><h3>{verdict}</h3>");
    if let Some(visitor) = visitor {
        html += &who(visitor);
    }
    // The title of the cause is in the verdict.
    let cause = report.cause();
    html += &cause.map(facts).unwrap_or_default();
    html += "<ul>";
    for finding in report.findings().iter().filter(|finding| Some(*finding) != cause) {
        let title = with_code(&sentence(finding.mistake().title()));
        write!(html, "<li>{title}{}", facts(finding)).expect("a string takes everything");
    }
    html + "</ul></div>"
}

fn facts(finding: &Finding) -> String {
    let fact = |(name, text)| format!("<dt>{name}<dd>{}", with_code(&sentence(text)));
    let facts = [("Seen", finding.seen()), ("Why", finding.why()), ("Fix", finding.fix())];
    format!("<dl>{}<dt>Code<dd class=code><code>{}</code></dl>", facts.map(fact).concat(), finding.code())
}

/// The text with a capital letter, if it does not begin with a part between backticks.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

/// HTML for a text that has some of its parts between backticks.
fn with_code(text: &str) -> String {
    let text = escape(text);
    let pairs = text.matches('`').count() / 2;
    let tags = ["<code>", "</code>"].into_iter().cycle().take(2 * pairs).chain(["`"]);
    let mut parts = text.split('`');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.zip(tags).fold(first, |html, (part, tag)| html + tag + part)
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
