//! What programs print in the place of a value: a missing one, an object, a call that is not finished, a
//! template that was not rendered, a word from an example.

use super::failure;

/// Longer texts are none of these.
const MAX_BYTES: usize = 300;

/// Removes white space, quotation marks and brackets around a text, and a comma or semicolon after it.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || "\"'`()<>[];,“”‘’".contains(c))
}

/// Returns whether a text is what a language prints for a missing value, in any case of letters.
pub(super) fn is_missing_text(text: &str) -> bool {
    const WORDS: &str = "\
        undefined|null|nil|none|nan|nothing|void|void 0|missing|unset|not set|empty|n/a|#n/a|nul|\
        nothing here|dbnull|system.dbnull|js undefined|undef|no value|nonetype|class 'nonetype'|\
        optional.empty|optional(nil|some(none|none)|%!s(<nil|%!v(<nil|%!d(<nil|js_null|undefined:undefined|\
        object null|object undefined|null object|bool(false|map|&{}|byte(nil|bool(true|string(0|infinity|\
        -infinity|{}|null,null|nan:nan|nullnull|undefinedundefined|nonenone|nullundefined";
    if text.len() > MAX_BYTES || text.trim().is_empty() {
        return false;
    }
    let lower = text.to_lowercase();
    let bare_text = bare(&lower);
    let without_bracket = bare_text.trim_end_matches(')');
    bare_text.is_empty() || WORDS.split('|').any(|word| word == bare_text || word == without_bracket)
}

/// Returns whether every word of a name is what a language prints for a missing value: `undefined undefined`.
/// In the exact case of letters, since there are people called Null, Nil and Nan.
pub(super) fn is_missing_name(name: &str) -> bool {
    const WORDS: &[&str] =
        &["undefined", "null", "NULL", "NaN", "None", "nil", "<nil>", "(null)", "[object", "Object]"];
    let mut words = name.split_whitespace().peekable();
    words.peek().is_some() && words.all(|word| WORDS.contains(&word))
}

/// Says which printed object a text is, if it is one.
pub(super) fn printed_object(text: &str) -> Option<&'static str> {
    const STARTS: &[(&str, &str)] = &[
        ("[object ", "a JavaScript object"),
        ("Promise {", "a JavaScript promise"),
        ("Promise(", "a JavaScript promise"),
        ("Promise<", "a JavaScript promise"),
        ("[Function", "a JavaScript function"),
        ("[AsyncFunction", "a JavaScript function"),
        ("[GeneratorFunction", "a JavaScript function"),
        ("[class ", "a JavaScript class"),
        ("Symbol(", "a JavaScript symbol"),
        ("async function", "the source text of a JavaScript function"),
        ("function ", "the source text of a JavaScript function"),
        ("function(", "the source text of a JavaScript function"),
        ("async (", "the source text of a JavaScript function"),
        ("() =>", "the source text of a JavaScript function"),
        ("()=>", "the source text of a JavaScript function"),
        ("Observable {", "a JavaScript observable"),
        ("Instance of '", "a Dart object"),
        ("Closure: ", "a Dart function"),
        ("HASH(0x", "a Perl reference"),
        ("ARRAY(0x", "a Perl reference"),
        ("CODE(0x", "a Perl reference"),
        ("SCALAR(0x", "a Perl reference"),
        ("REF(0x", "a Perl reference"),
        ("table: 0x", "a Lua value"),
        ("function: 0x", "a Lua value"),
        ("userdata: 0x", "a Lua value"),
        ("thread: 0x", "a Lua value"),
        ("#<", "a Ruby object"),
        ("#object[", "a Clojure object"),
        ("#PID<", "an Elixir process"),
        ("#Reference<", "an Elixir reference"),
        ("#Function<", "an Elixir function"),
        ("{:error", "an Elixir error"),
        ("%Task{", "an Elixir task"),
        ("%!", "a value that Go's fmt cannot print"),
        ("(*", "a Go pointer"),
        ("Resource id #", "a PHP resource"),
        ("Object id #", "a PHP object"),
        ("Object of class", "a PHP object"),
        ("Closure Object", "a PHP closure"),
        ("stdClass Object", "a PHP object"),
        ("object(", "a PHP object"),
        ("Future(", "a Scala future"),
        ("Failure(", "a failed call in Scala"),
        ("Err(", "a Rust error"),
        ("Err ", "a Rust error"),
        ("kotlin.", "a Kotlin object"),
        ("kotlinx.", "a Kotlin object"),
        ("System.", "a .NET object"),
        ("Microsoft.", "a .NET object"),
        ("<>f__AnonymousType", "a .NET object"),
        ("<bound method ", "a Python method"),
        ("<coroutine object", "a Python coroutine"),
        ("<_GatheringFuture", "a Python future"),
        ("<Future ", "a Python future"),
        ("<Task ", "a Python task"),
    ];
    let text = text.trim().trim_matches(['"', '\'']);
    let first = text.split([':', ' ', '\n']).next().unwrap_or_default();
    if first.ends_with("Exception") || first.ends_with("Error") || failure::is_exception(text) {
        return None; // a message, not a value
    }
    if text.len() > MAX_BYTES {
        let source = STARTS.iter().filter(|(_, what)| what.contains("source text"));
        return source.into_iter().find(|(start, _)| text.starts_with(start)).map(|(_, what)| *what);
    }
    let words = [
        ("Array", "a PHP array"),
        ("Object", "a printed object"),
        ("Unit", "an empty value"),
        ("Closure", "a PHP closure"),
        ("Promise", "a JavaScript promise"),
        ("Generator", "a generator"),
        ("Mono", "a Java object"),
        ("Flux", "a Java object"),
        ("Future", "a call that is not finished"),
        ("Task", "a call that is not finished"),
    ];
    let named = STARTS.iter().find(|(start, _)| text.starts_with(start));
    let named = named.or_else(|| words.iter().find(|(word, _)| *word == text)).map(|(_, what)| *what);
    let is_python = text.starts_with('<')
        && ([" at 0x", " object", ": 0x", "<class ", "<function", "<Response", "<module "].iter())
            .any(|part| text.contains(part));
    named
        .or_else(|| is_python.then_some("a printed object"))
        .or_else(|| text.contains("[native code]").then_some("the source text of a JavaScript function"))
        .or_else(|| is_generic(text).then_some("a type"))
        .or_else(|| is_arrow(text).then_some("the source text of a JavaScript function"))
        .or_else(|| is_java(text).then_some("a Java object"))
        .or_else(|| text.contains("AsyncStateMachineBox").then_some("a .NET task"))
        .or_else(|| is_pointer(text).then_some("the address of a Go or C value"))
        .or_else(|| is_empty_wrapper(text).then_some("a printed object without a value"))
        .or_else(|| is_class(text).then_some("the name of a class"))
}

fn is_capitalised(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase()) && word.contains(|c: char| c.is_ascii_lowercase())
}

/// `asyncio.Future`, ``Task`1``, `ActionController::Parameters`, `AsyncSnapshot<String>(…)`
fn is_class(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphabetic() || c == '_';
    let plain = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let counted = plain.strip_suffix('`').filter(|name| plain.len() < text.len() && !name.is_empty());
    let parts: Vec<&str> = counted.unwrap_or(text).split("::").flat_map(|part| part.split('.')).collect();
    let is_named = |part: &&str| !part.is_empty() && part.chars().all(is_word);
    let is_path = parts.iter().all(is_named)
        && (counted.is_some() || (parts.len() > 1 && parts.last().is_some_and(|last| is_capitalised(last))));
    let is_call = || {
        let (name, rest) = text.split_once('<').unwrap_or_default();
        is_named(&name) && name.starts_with(char::is_uppercase) && rest.contains(">(") && rest.ends_with(')')
    };
    text.len() <= 80 && (is_path || is_call())
}

/// `Ok(None)`, `Optional("")`, `LazyLock(<uninit>)`, `Generator {}`, `&{<nil>}`, `{ token: undefined }`
fn is_empty_wrapper(text: &str) -> bool {
    // `class Token {}`, `map[string]interface {}`
    let is_of_type = |c: char| c.is_ascii_alphanumeric() || "_ []<>.,()*".contains(c);
    let before = text.strip_suffix("{}").map(str::trim_end).unwrap_or_default();
    if before.starts_with(|c: char| c.is_ascii_alphabetic())
        && before.len() <= 40
        && before.chars().all(is_of_type)
    {
        return true;
    }
    let start = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '&' | ':'));
    let name = text.strip_suffix(start).unwrap_or_default();
    let start = if let Some(rest) = start.strip_prefix("(Object) ") { rest } else { start.trim_start() };
    let inside = [('(', ')'), ('{', '}'), ('[', ']')]
        .into_iter()
        .find_map(|(open, close)| start.strip_prefix(open)?.strip_suffix(close));
    let Some(inside) = inside.map(str::trim).filter(|inside| inside.len() <= 60) else { return false };
    let value = inside.split_once([':', '=']).map_or(inside, |(_, value)| value).trim_start_matches('>');
    let is_tag = value.len() > 2 && value.starts_with('<') && value.ends_with('>');
    // `getToken()` is an expression.
    let is_named = name.len() <= 30 && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '&');
    (is_named && !inside.is_empty() && (is_missing_text(inside) || is_tag))
        || (is_named && inside.is_empty() && start.starts_with('{'))
        || (name.is_empty() && value != inside && is_missing_text(value))
}

/// `Task<String>`
fn is_generic(text: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "<>,. ?&".contains(c);
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.ends_with('>')
        && text.contains('<')
        && text.chars().all(is_name)
}

/// `x => …`, `(a, b) => …`
fn is_arrow(text: &str) -> bool {
    text.split_once("=>").is_some_and(|(before, after)| {
        let arguments = |c: char| c.is_ascii_alphanumeric() || matches!(c, '(' | ')' | ',' | ' ' | '_' | '$');
        before.chars().all(arguments) && !after.trim().is_empty() && !after.contains("eyJ")
    })
}

/// `java.util.concurrent.CompletableFuture@1b2c[Not completed]`, `[B@6d06d69c`, `MonoJust`
fn is_java(text: &str) -> bool {
    let is_reactive = ["Mono", "Flux", "Single", "Uni"].iter().any(|start| {
        text.strip_prefix(start).is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_uppercase())
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    });
    let Some((class, rest)) = text.split_once('@').filter(|_| !is_reactive) else { return is_reactive };
    let hash = rest.split(['[', ' ', '{']).next().unwrap_or_default();
    let is_hash = (1..=16).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let class = class.split(['{', '[']).find(|part| !part.is_empty()).unwrap_or_default();
    let is_class = class.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._$;/-<>".contains(&byte));
    is_hash && is_class && class.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'.')
}

/// `0xc000010250`
fn is_pointer(text: &str) -> bool {
    text.strip_prefix("0x").is_some_and(|digits| {
        (4..=16).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}
