//! A whole token with more beside it: other tokens, dots, or the marks of lines.

use super::{
    mistake::Mistake,
    segments::{self, counted},
    wrapping::{Layer, describe_surroundings, is_base64_or_dot, is_blank, is_token},
};

/// The characters of an HS256 signature.
const SIGNATURE: usize = 43;

/// Whether a text is a token with the signature of HS256.
fn is_whole(text: &str) -> bool {
    is_token(text) && text.rsplit('.').next().is_some_and(|signature| signature.len() == SIGNATURE)
}

/// Two tokens or more, with or without something between them. The first is inside.
pub(super) fn twice(text: &str) -> Option<Layer> {
    let (first, rest) =
        text.split_at_checked(text.find(|c: char| !is_base64_or_dot(c)).unwrap_or(text.len()))?;
    let mut tokens = joined(first);
    for word in rest.split(|c: char| !is_base64_or_dot(c)) {
        tokens.extend(word.find("eyJ").and_then(|start| word.get(start..)).map(joined).unwrap_or_default());
    }
    let [first, second, more @ ..] = &tokens[..] else { return None };
    if !text.starts_with(first) {
        return None;
    }
    let is_same = first == second && more.iter().all(|token| token == first);
    let what = match (is_same, more.len()) {
        (true, 0) => "the same token twice".to_owned(),
        (true, more) => format!("the same token {} times", more.saturating_add(2)),
        (false, 0) => "two tokens".to_owned(),
        (false, more) => format!("{} tokens", more.saturating_add(2)),
    };
    let after = text.strip_prefix(first)?;
    let between = after.get(..after.find(second)?)?;
    let seen = match between {
        "" => what,
        _ if more.is_empty() => format!("{what}, and `{between}` between them"),
        _ => format!("{what}, and `{between}` between the first two"),
    };
    Some(Layer(Mistake::TokenTwice, seen, (*first).to_owned()))
}

/// The tokens in one word, with nothing or a dot between them.
fn joined(word: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = word;
    loop {
        let next = rest.match_indices('.').nth(1).and_then(|(dot, _)| {
            let start = dot.checked_add(rest.get(dot..)?.find("eyJ")?)?;
            rest.split_at_checked(start)
        });
        let (token, more) = next.filter(|(_, more)| more.contains('.')).unwrap_or((rest, ""));
        let token = token.trim_end_matches('.');
        if !is_token(token) {
            return tokens;
        }
        tokens.push(token);
        rest = more;
    }
}

/// Whether a whole token is a word of a text.
pub(super) fn has_whole(text: &str) -> bool {
    text.split(|c: char| !is_base64_or_dot(c)).any(|word| is_whole(word.trim_matches('.')))
}

/// Whether a whole token has no percent escape beside it: those elsewhere in a text are not around the token.
pub(super) fn has_whole_unescaped(text: &str) -> bool {
    text.split(|c: char| !is_base64_or_dot(c) && c != '%').any(|word| {
        let start = word.find("eyJ").and_then(|start| word.split_at_checked(start));
        start.is_some_and(|(before, token)| !before.contains('%') && is_whole(token.trim_end_matches('.')))
    })
}

/// Dots or an ellipsis before or after a whole token.
pub(super) fn dotted(text: &str) -> Option<Layer> {
    let inside = text.trim_matches(|c: char| c == '.' || c == '…' || is_blank(c));
    let (before, after) = text.split_once(inside).filter(|_| is_whole(inside))?;
    let is_long = |dots: &str| dots.contains('…') || dots.contains("...");
    (is_long(before) || is_long(after))
        .then(|| Layer(Mistake::SurroundingText, describe_surroundings(before, after), inside.to_owned()))
}

/// A token in lines that are marked as a quotation in a mail, or as parts of a text in code.
pub(super) fn marked_lines(text: &str) -> Option<Layer> {
    let lines: Vec<&str> = text.lines().collect();
    let is_before_the_last =
        |end: char| lines.split_last().is_some_and(|(_, lines)| lines.iter().all(|line| line.ends_with(end)));
    // A hyphen at a line end is a character of base64url, unless the payload can only be read without it.
    let holds_claims = |token: &str| token.split('.').nth(1).and_then(segments::decode_object).is_some();
    let is_hyphenated = is_before_the_last('-') && !holds_claims(&lines.concat());
    let part = |line: &str| {
        let line = line.trim().trim_end_matches(|c| is_hyphenated && c == '-');
        let line = line.trim_start_matches(['>', '+', ' ', '\t']);
        let line = line.trim_end_matches(['\\', '+', ';', ',', ' ', '&', '(', ')', '=']);
        let line = line.strip_prefix(". ").unwrap_or(line);
        line.strip_suffix(" .").unwrap_or(line).trim_matches(['"', '\'', '`']).to_owned()
    };
    let inside: String = lines.iter().map(|line| part(line)).collect();
    let marks = |c: char| !is_base64_or_dot(c) && !is_blank(c);
    // As mail encodes a line end (quoted-printable).
    let is_mail = is_before_the_last('=');
    let is_broken = lines.len() > 1
        && (text.contains(marks) || is_mail || (is_hyphenated && holds_claims(&inside)))
        && lines.iter().all(|line| !is_token(&part(line)));
    let seen = format!("{} with marks before or after each", counted(lines.len(), "line"));
    (is_broken && is_whole(&inside)).then_some(Layer(Mistake::WhiteSpaceInside, seen, inside))
}
