//! Templates and expressions that were not evaluated, and words from an example.

use super::{printed::bare, vocabulary::pairs};

/// Longer texts are none of these.
const MAX_BYTES: usize = 300;

/// Returns whether a text is a template that was not rendered.
pub(super) fn is_template(text: &str) -> bool {
    const AROUND: &str = "\
        {{ }} {% %} {!! !!} {! } <% %> <? ?> ${ } #{ } @{ } ~{ } *{ } $( ) @( ) [[ ]] *| |* [% %] <c: > \
        <jsp: > <cf > <# > %( )s !{ } {# #} <t: >";
    const WORD_IN: &str = "\
        { } % % %% %% # # ## ## __ __ $ $ {$ } {@ }";
    let text = text.trim().trim_matches(['"', '\'', '`']);
    if text.is_empty() || text.len() > MAX_BYTES || text.contains("eyJ") {
        return false;
    }
    let is_around = |(open, close)| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close));
    let is_in = |(open, close): (&str, &str)| {
        let inside =
            text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).unwrap_or_default().trim();
        is_word(inside)
            || (open == "{" && inside.len() == 1 && inside.bytes().all(|byte| byte.is_ascii_digit()))
    };
    pairs(AROUND).any(is_around) || pairs(WORD_IN).any(is_in) || matches!(text, "%s" | "%v" | "%d" | "{}")
}

/// Returns whether a text is one comment of HTML, or a directive of server-side includes: `<!-- token -->`.
pub(super) fn is_comment(text: &str) -> bool {
    let inside = text.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    text.len() <= MAX_BYTES
        && inside.is_some_and(|inside| !inside.contains(['<', '>']) && !inside.contains("eyJ"))
}

/// `[boostgpt_token]`, `[wpuser field="token"]`, `:user-token="token"`
fn is_shortcode(text: &str) -> bool {
    let is_member = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or_default();
        let value = value.trim_matches(['"', '\'']);
        is_word(name) && !value.contains(|c: char| c.is_whitespace() || "[]{}\"".contains(c))
    };
    let mut words =
        text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default().split(' ');
    let name = words.next().unwrap_or_default();
    let members: Vec<&str> = words.collect();
    let is_named = is_word(name) && !name.to_ascii_lowercase().starts_with("your");
    let is_binding = text.starts_with(':') && text.ends_with('"');
    (is_named
        && members.iter().all(|member| is_member(member))
        && (!members.is_empty() || name.contains('_')))
        || (is_binding && text.strip_prefix(':').is_some_and(is_member))
}

/// Returns whether a text is an expression of a program that was not evaluated: `process.env.TOKEN`,
/// `getToken()`.
pub(super) fn is_expression(text: &str) -> bool {
    const STARTS: &str = "\
        process.env|import.meta|window.|document.|this.|props.|localStorage|sessionStorage|ENV[|ENV.|\
        os.environ|os.Getenv|System.getenv|getenv(|env(|env.|await |session[|session.|request.|req.|res.|\
        response.|user.|data.|@Model|@ViewBag|@ViewData|@Html|@User|@Session|$_SESSION|$_COOKIE|$_ENV|\
        $this->|self.|config(|Rails.|ctx.|context.|payload.|claims.|customer.|current_user|Auth::|auth()|\
        params[|cookies[|new ";
    let full = text.trim();
    let text = full.trim_matches(['"', '\'', '`', ';']);
    if text.is_empty() || text.len() > MAX_BYTES || text.contains("eyJ") || text.contains('\n') {
        return false;
    }
    let is_started = |start| text.strip_prefix(start).is_some_and(|rest| rest.len() <= 80);
    let is_marked = |mark: &&str| text.strip_prefix(*mark).is_some_and(is_word);
    // `user?.token ?? ""`
    let value = ["??", "||"].iter().find_map(|or| text.split_once(or)).map(|(value, _)| value.trim());
    let plain = value.unwrap_or(text).replace("?.", ".");
    let joined = text.trim();
    let is_joined = joined.len() > 2 && joined.starts_with('+') && joined.ends_with('+');
    STARTS.split('|').any(is_started)
        || (plain != text && is_word(&plain))
        || is_call(text)
        || is_tag(text)
        || ["$", "$!", "@", ":"].iter().any(is_marked)
        || text.strip_suffix("()").is_some_and(is_word)
        || is_joined
        || is_shortcode(full)
}

/// `createToken(user)`, `jwt.sign(payload, secret)`, `@json($token)`
fn is_call(text: &str) -> bool {
    let Some((name, rest)) = text.split_once('(') else { return false };
    let name = name.trim_start_matches(['@', '$']);
    text.len() <= 80
        && rest.ends_with(')')
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.$>-:".contains(&byte))
}

/// `<s:property value="token"/>`, `<token/>`: a tag that is not one of HTML.
fn is_tag(text: &str) -> bool {
    let inside = text.strip_prefix('<').and_then(|rest| rest.strip_suffix("/>"));
    inside
        .is_some_and(|inside| inside.starts_with(|c: char| c.is_ascii_alphabetic()) && !inside.contains('<'))
}

/// A name as programs have them.
fn is_word(word: &str) -> bool {
    let word = word.strip_suffix("()").unwrap_or(word);
    word.len() >= 2
        && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// Returns whether a text is a placeholder from an example.
pub(super) fn is_placeholder(text: &str) -> bool {
    const WORDS: &str = "\
        string|todo|tbd|changeme|change me|change_me|replaceme|replace_me|replace me|fixme|xxx|xxxx|\
        xxxxx|foo|bar|foobar|test|testing|example|sample|dummy|fake|mock|placeholder|value|abc|abc123|\
        123456|lorem ipsum|header.payload.signature|xxxxx.yyyyy.zzzzz|xxx.yyy.zzz|aaa.bbb.ccc|\
        aaaaa.bbbbb.ccccc|hhhhh.ppppp.sssss|a.b.c|key|header.claims.signature";
    const PARTS: &[&str] =
        &["token", "jwt", "your", "here", "insert", "paste", "secret", "replace", "placeholder"];
    let lower = text.to_ascii_lowercase();
    let bare = bare(&lower).trim_matches(['{', '}', '$', '%', '#', '_', '*']);
    let is_words = bare.len() <= 60
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ' | '\''))
        && bare.split(|c: char| !c.is_ascii_alphanumeric()).all(|word| word.len() <= 20);
    let is_part = |word: &str| PARTS.contains(&word) || word.ends_with("token");
    let has_part = bare.split(|c: char| !c.is_ascii_alphabetic()).any(is_part);
    WORDS.split('|').any(|word| word == bare) || (is_words && has_part) || is_variable(text.trim())
}

/// `userToken`, `widgettoken`: a name of a variable.
fn is_variable(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.len() <= 40
        && ["token", "jwt", "secret"].iter().any(|word| lower.ends_with(word) || lower.starts_with(word))
        && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}
