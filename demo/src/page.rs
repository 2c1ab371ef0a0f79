//! A page: HTML with `{{holes}}`, filled in one pass, and the headers that every page has.

use std::fmt::Display;

use axum::{
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY},
    response::{Html, IntoResponse, Response},
};

use crate::{html::escape, random};

#[derive(Debug)]
pub(crate) struct Page {
    template: &'static str,
    policy: &'static str,
    cache: &'static str,
    holes: Vec<(&'static str, String)>,
}

impl Page {
    /// A page that loads nothing but what the `policy` allows, and that no cache stores.
    pub(crate) fn new(template: &'static str, policy: &'static str) -> Self {
        Self { template, policy, cache: "no-store", holes: vec![("nonce", random::text())] }
    }

    /// A page that is the same for every visitor: caches may keep it for a minute.
    pub(crate) fn cached(self) -> Self {
        assert!(
            !self.template.contains("{{nonce}}") && !self.policy.contains("{{nonce}}"),
            "a nonce is used once"
        );
        Self { cache: "public, max-age=60", ..self }
    }

    pub(crate) fn nonce(&self) -> &str {
        &self.holes[0].1
    }

    /// Fills a hole with text, escaped for elements and quoted attributes.
    pub(crate) fn text(self, hole: &'static str, text: impl Display) -> Self {
        self.html(hole, escape(&text.to_string()))
    }

    /// Fills a hole with HTML.
    pub(crate) fn html(mut self, hole: &'static str, html: impl Display) -> Self {
        self.holes.push((hole, html.to_string()));
        self
    }

    fn fill(&self, template: &str) -> String {
        let hole = |name| self.holes.iter().find(|(hole, _)| *hole == name).expect("every hole is filled");
        let (before, rest) = template.split_once("{{").unwrap_or((template, ""));
        let parts = rest.split("{{").filter_map(|part| part.split_once("}}"));
        parts.fold(before.to_owned(), |page, (name, text)| page + &hole(name).1 + text)
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_SECURITY_POLICY, self.fill(self.policy)),
            (CACHE_CONTROL, self.cache.to_owned()),
            (REFERRER_POLICY, "same-origin".to_owned()),
        ];
        (headers, Html(self.fill(self.template))).into_response()
    }
}
