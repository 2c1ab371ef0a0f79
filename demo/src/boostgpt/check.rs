//! "Check a token": the owner pastes one and reads what is wrong with it. It comes in the body of a form and goes nowhere:
//! not into an address, a log or the store.

use std::{fmt::Write, sync::Arc};

use axum::{
    Form,
    extract::{DefaultBodyLimit, State},
    routing::{MethodRouter, post},
};
use boostgpt_sso::{
    diagnose::{Doctor, Report},
    store::SubscriberStore as _,
};
use serde::Deserialize;

use super::{BoostGpt, answer::Answer, dashboard};
use crate::{html::escape, page::Page};

#[derive(Deserialize)]
struct Pasted {
    token: String,
}

pub(super) fn route() -> MethodRouter<Arc<BoostGpt>> {
    post(check).layer(DefaultBodyLimit::max(256 * 1024))
}

async fn check(State(app): State<Arc<BoostGpt>>, Form(pasted): Form<Pasted>) -> Answer<Page> {
    let mut doctor = Doctor::new().for_bot(app.origins.bot);
    if let Some(current) = app.store.current_secret(app.origins.bot).await?.into_secret() {
        doctor = doctor.with_secret(current.secret);
    }
    dashboard::page(&app, "", &html(&doctor.examine(&pasted.token))).await
}

fn html(report: &Report) -> String {
    let text = report.to_string();
    let verdict = escape(text.lines().next().unwrap_or_default());
    let mut html = format!("<h3>{verdict}</h3><ol>");
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
