//! Text for HTML, and files as they are.

use axum::{http::header, response::IntoResponse};

pub(crate) fn escape(text: &str) -> String {
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A file of the program's own, served under its address.
pub(crate) fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse + Clone {
    ([(header::CONTENT_TYPE, content_type)], text)
}
