//! A page or the message of a failure in the token's place.

use super::{mistake::Mistake, segments, vocabulary};

/// How much of a long text is looked at.
const MAX_START: usize = 4096;

/// Says what a text of any length begins with, if that is not a token.
pub(super) fn page_or_message(text: &str) -> Option<(Mistake, String)> {
    const TAGS: &str = "\
        <!doctype|<html|<head|<body|<!--|<div|<p>|<p |<h1|<h2|<title|<meta|<form|<center|<br|<b>|<pre|\
        <table|<link|<style|<span|<iframe|<a |<noscript|<script|<font|<main|<section|<svg|<img|<input|<ul";
    // A page may have become a JSON string.
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
    let start: String = text.chars().take(MAX_START).collect();
    let lower = start.to_ascii_lowercase();
    // What is around a token is another mistake.
    if !lower.starts_with('<') || segments::holds_token(&start) {
        return None;
    }
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    let seen = || format!("it begins with `{}`", start.chars().take(80).collect::<String>());
    if has(&["saml"]) && has(&["<saml", ":response", ":assertion"]) {
        return Some((Mistake::OtherToken, format!("a SAML message: {}", seen())));
    }
    let is_page =
        TAGS.split('|').any(|tag| lower.starts_with(tag)) || (lower.starts_with("<?xml") && has(&["<html"]));
    let is_error = has(&[
        "<b>warning</b>",
        "<b>notice</b>",
        "<b>fatal error</b>",
        "<b>parse error</b>",
        "<b>deprecated</b>",
    ]);
    let is_xml_error = has(&["<error", "<fault", "<exception", ":fault", "<problem"]);
    if is_error || (!is_page && is_xml_error) {
        Some((Mistake::ErrorAnswer, seen()))
    } else if is_page {
        Some((Mistake::HtmlPage, seen()))
    } else {
        None
    }
}

/// Whether a text is the name of an exception that has no "error" in it:
/// `ActionController::InvalidAuthenticityToken`.
pub(super) fn is_exception(text: &str) -> bool {
    let (_, name) = text.rsplit_once("::").unwrap_or_default();
    let is_named = ["Invalid", "Expired"].iter().any(|start| name.starts_with(start))
        || ["NotFound", "Invalid", "Missing", "Denied", "Forbidden", "Unauthorized"]
            .iter()
            .any(|end| name.ends_with(end));
    is_named && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ':')
}

/// Whether a text is the message of an error.
pub(super) fn is_error(text: &str) -> bool {
    const WORDS: &str = "\
        error errors exception traceback unauthorized unauthorised unauthenticated forbidden denied \
        expired invalid fail failed failure failing fatal warning notice panic timeout timed malformed \
        missing required unavailable unable cannot couldn't can't won't rejected aborted refused \
        disallowed econnrefused enotfound etimedout nullpointerexception stacktrace denegado erreur \
        fehler errore erro ungültig verweigert interdit autorizado ошибка エラー 错误 認証 fault \
        panicked unexpected unsupported unprocessable conflict throttled deprecated uncaught throttling";
    const PHRASES: &str = "not found|not authenticated|not authorized|not logged in|not allowed|not \
    defined|not set|not provided|not support|mismatch|no token|bad gateway|bad request|internal \
    server|cannot get |too many requests|log in|login required|sign in|session has|must have a value|must \
    be|could not|no such|please try again|something went wrong|command not found|is null|of null|of \
    undefined|enable javascript|moved permanently|found. redirecting|redirecting to|see other|no \
    content|undefined variable|undefined method|undefined index|access is|permission|rate limit|no user|no \
    session|who are you|doesn't exist|does not exist|method not|gateway time|been blocked by";
    let start: String = text.chars().take(MAX_START).collect();
    let lower = start.to_lowercase().replace(['_', '-'], " ");
    let is_word = |word: &str| {
        let end = |suffix: &str| word.ends_with(suffix) && word.len() > suffix.len() && word.len() < 60;
        vocabulary::has(WORDS, word) || end("error") || end("exception")
    };
    let mut words = lower.split(|c: char| !(c.is_alphanumeric() || c == '\''));
    let is_status = lower.split_whitespace().next().is_some_and(|word| {
        let is_code =
            word.len() == 3 && word.starts_with(['3', '4', '5']) && word.bytes().all(|b| b.is_ascii_digit());
        is_code || word.starts_with("http/")
    });
    let longest = start.split(|c: char| c.is_whitespace()).map(str::len).max().unwrap_or(0);
    // An opaque value may have any letters in it.
    let is_prose = lower.contains(char::is_whitespace) || start.len() <= 40;
    is_exception(text)
        || is_prose
            && longest < 200
            && (words.any(is_word) || PHRASES.split('|').any(|part| lower.contains(part)) || is_status)
}
