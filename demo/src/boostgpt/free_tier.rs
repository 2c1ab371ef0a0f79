//! The credits for a new subscriber.

use std::sync::Arc;

use axum::{Form, extract::State, response::Redirect};
use boostgpt_sso::store::Store;
use serde::Deserialize;

use super::{BoostGpt, PROJECT, answer::Answer};

#[derive(Deserialize)]
pub(super) struct FreeTier {
    credits: u32,
}

pub(super) async fn save(State(app): State<Arc<BoostGpt>>, Form(form): Form<FreeTier>) -> Answer<Redirect> {
    app.store.set_free_tier(PROJECT, Some(form.credits)).await?;
    Ok(Redirect::to("/"))
}
