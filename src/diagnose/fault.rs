//! Why a text is not one JSON object, and which object it was meant to be.

use super::{decoding, encoded, mistake::Mistake, object::Object, segments};
use crate::json;

/// What is wrong with a text that is to be one JSON object.
pub(super) struct Fault {
    /// Which mistake it is in a payload.
    pub(super) mistake: Mistake,
    /// What was seen, without the text itself.
    pub(super) words: String,
    /// The object, as far as it can be read.
    pub(super) inside: Option<Object>,
    /// The members of the object that were `NaN` or `Infinity` and are `null` in `inside`.
    pub(super) no_numbers: Vec<String>,
}

impl Fault {
    fn new(mistake: Mistake, words: impl Into<String>, inside: Option<Object>) -> Self {
        Self { mistake, words: words.into(), inside, no_numbers: Vec::new() }
    }
}

/// Says why this text is not one JSON object.
pub(super) fn find_fault(text: &str) -> Fault {
    let not_json = |words: &str, inside| Fault::new(Mistake::PayloadNotJson, words, inside);
    let twice = |words: &str, inside| Fault::new(Mistake::PayloadIsText, words, inside);
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if trimmed.is_empty() {
        return not_json("it is empty", None);
    }
    if let Some((encoding, inside)) = decoding::wide(text.as_bytes()) {
        return not_json(&format!("it is in {encoding} instead of UTF-8"), Object::read(inside.trim()));
    }
    // A string may be the name of a member as well.
    let is_string = end_of_string(trimmed) == Some(trimmed.len());
    if let Some(inside) = is_string.then(|| json::string(trimmed)).flatten() {
        let object = Object::read(&inside).or_else(|| Object::read(&json::string(&inside)?));
        let words = if object.is_some() { "a JSON string with an object in it" } else { "a JSON string" };
        return if object.is_some() { twice(words, object) } else { not_json(words, None) };
    }
    if let Some(object) = Object::read(trimmed) {
        let words = if text.starts_with('\u{feff}') {
            "a byte order mark is before the JSON"
        } else {
            "something that JSON does not allow is around the object"
        };
        return not_json(words, Some(object));
    }
    if let inside @ Some(_) = Object::read(&format!("{{{trimmed}")) {
        return not_json("an object without its opening bracket", inside);
    }
    if let Some(elements) = json::array(trimmed) {
        let object = elements.iter().find_map(|raw| Object::read(raw));
        let words = if object.is_some() { "an array with an object in it" } else { "an array" };
        return not_json(words, object);
    }
    if let Some(fault) = no_number(trimmed) {
        return fault;
    }
    if let inside @ Some(_) = half_a_name(trimmed) {
        let words = "half a character (a lone surrogate) in the name of a member";
        return Fault::new(Mistake::HalfCharacter, words, inside);
    }
    // What decodes to an object is encoded twice; what is a token was signed as if it were claims.
    let is_base64 = trimmed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte));
    if let Some(object) = is_base64.then(|| segments::decode_object(trimmed)).flatten() {
        return twice("base64 of an object", Some(object));
    }
    let of_digits = hex::decode(trimmed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(object) = of_digits.and_then(|text| Object::read(&text)) {
        return twice("hexadecimal digits of an object", Some(object));
    }
    if let Some(object) = encoded::percent(trimmed).and_then(|text| Object::read(&text)) {
        return twice("a URL-encoded object", Some(object));
    }
    if let Some(object) = encoded::html(trimmed).and_then(|text| Object::read(&text)) {
        return twice("an object that is encoded for HTML", Some(object));
    }
    if trimmed.starts_with("eyJ") && trimmed.matches('.').count() == 2 {
        return not_json("another token", None);
    }
    let words = if trimmed.starts_with('{') { of_an_object(trimmed) } else { of_something_else(trimmed) };
    not_json(words, None)
}

/// Why a text that begins as an object does is none.
fn of_an_object(text: &str) -> &'static str {
    let after_brace = text.trim_start_matches('{').trim_start();
    let is_double = ["}{", "}\n{", "} {"].iter().any(|between| text.contains(between));
    if after_brace.starts_with('\'') && !text.contains("': ") {
        "an object with single quotation marks instead of double ones"
    } else if after_brace.starts_with('\'') {
        "a dictionary as Python prints it, with single quotation marks"
    } else if text.contains("=>") {
        "a hash as Ruby or PHP prints it, with `=>`"
    } else if is_double {
        "two objects, one after the other"
    } else if text.contains(",}") || text.contains(", }") || text.contains(",\n}") || text.contains(",]") {
        "a comma before the closing bracket"
    } else if after_brace.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        "an object with names that have no quotation marks"
    } else if text.contains("None") || text.contains("True") || text.contains("False") {
        "an object with `None`, `True` or `False`, as Python prints it"
    } else if text.contains("undefined") {
        "an object with `undefined` in it"
    } else if text.contains("//") || text.contains("/*") {
        "an object with a comment in it"
    } else if text.chars().any(char::is_control) {
        "an object with a raw control character in it, such as a line end within a string"
    } else if text.matches('{').count() > text.matches('}').count() {
        "an object that ends too early"
    } else if text.starts_with("{{") {
        "an object with two opening brackets"
    } else {
        "an object with an error in it"
    }
}

/// What a text is that does not begin as an object does.
fn of_something_else(text: &str) -> &'static str {
    let is_serialized =
        ["a:", "O:", "s:"].iter().any(|start| text.starts_with(start)) && text.contains(";s:");
    if is_serialized {
        "what PHP's `serialize` writes"
    } else if text.starts_with("Array") {
        "an array as PHP prints it"
    } else if text.starts_with('<') {
        "XML or HTML"
    } else if text.starts_with("---") {
        "YAML"
    } else if text.starts_with("map[") || text.starts_with("&{") {
        "a value as Go prints it"
    } else if text.contains('=') && text.contains('&') {
        "a form, `name=value&…`"
    } else if text.parse::<f64>().is_ok() {
        "a number"
    } else if text.contains('@') && !text.contains(char::is_whitespace) && text.len() < 255 {
        "an e-mail address alone"
    } else if matches!(text, "null" | "true" | "false") {
        "a JSON value without members"
    } else {
        "it is no JSON object"
    }
}

/// `NaN` or `Infinity` in the place of a value.
fn no_number(text: &str) -> Option<Fault> {
    const WORDS: &[&str] = &["NaN", "-Infinity", "Infinity", "-inf", "inf", "nan"];
    let mut repaired = String::with_capacity(text.len());
    let mut found = None;
    let mut no_numbers = Vec::new();
    let mut depth = 0_usize;
    let mut name = String::new();
    let mut rest = text;
    let mut is_value = false;
    while let Some(c) = rest.chars().next() {
        if c == '"' {
            let end = end_of_string(rest)?;
            let (string, after) = rest.split_at_checked(end)?;
            if after.trim_start().starts_with(':') {
                name = json::string(string)?.into_owned();
            }
            repaired.push_str(string);
            rest = after;
            is_value = false;
        } else if let Some(word) = WORDS.iter().find(|word| is_value && rest.starts_with(**word)) {
            repaired.push_str("null");
            rest = rest.strip_prefix(word)?;
            found.get_or_insert((*word, name.clone()));
            if depth == 1 {
                no_numbers.push(name.clone());
            }
            is_value = false;
        } else {
            repaired.push(c);
            rest = rest.strip_prefix(c)?;
            depth = match c {
                '{' | '[' => depth.saturating_add(1),
                '}' | ']' => depth.saturating_sub(1),
                _ => depth,
            };
            is_value = matches!(c, ':' | ',' | '[') || (is_value && c.is_whitespace());
        }
    }
    let (word, name) = found?;
    let words = format!("`{word}` is the value of `{name}`");
    let inside = Some(Object::read(&repaired)?);
    Some(Fault { no_numbers, ..Fault::new(Mistake::NotANumber, words, inside) })
}

/// The number of bytes of the string that a text begins with.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = true;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return place.checked_add(1),
            _ => {}
        }
    }
    None
}

/// A lone surrogate in a member's name: the object without it.
fn half_a_name(text: &str) -> Option<Object> {
    let mut repaired = String::with_capacity(text.len());
    let mut parts = text.split("\\u");
    repaired.push_str(parts.next()?);
    let mut is_changed = false;
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let unit = |part: &str| part.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let first = unit(part);
        let is_high = first.is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
        let is_low = first.is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
        let next_is_low = part.len() == 4
            && parts.peek().and_then(|next| unit(next)).is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
        if is_high && next_is_low {
            repaired.push_str("\\u");
            repaired.push_str(part);
            repaired.push_str("\\u");
            repaired.push_str(parts.next()?);
        } else if is_high || is_low {
            is_changed = true;
            repaired.push('?');
            repaired.push_str(part.get(4..)?);
        } else {
            repaired.push_str("\\u");
            repaired.push_str(part);
        }
    }
    is_changed.then(|| Object::read(&repaired))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_words() {
        for (text, words) in [
            ("", "it is empty"),
            ("{'email': 'ada@example.com'}", "a dictionary as Python prints it, with single quotation marks"),
            ("{'email':'a@b'}", "an object with single quotation marks instead of double ones"),
            (r#"{"email"=>"ada@example.com"}"#, "a hash as Ruby or PHP prints it, with `=>`"),
            (r#"{"a":1}{"b":2}"#, "two objects, one after the other"),
            (r#"{"a":1,}"#, "a comma before the closing bracket"),
            ("{email:1}", "an object with names that have no quotation marks"),
            (r#"{"a":None}"#, "an object with `None`, `True` or `False`, as Python prints it"),
            (r#"{"a":undefined}"#, "an object with `undefined` in it"),
            (
                "{\"a\":\"x\ny\"}",
                "an object with a raw control character in it, such as a line end within a string",
            ),
            (r#"{"a":{"b":1}"#, "an object that ends too early"),
            (r#""a":1}"#, "an object without its opening bracket"),
            ("{\0\"\0a\0\"\0:\0\x31\0}\0", "it is in UTF-16 (little-endian) instead of UTF-8"),
            ("email=ada@example.com&exp=1", "a form, `name=value&…`"),
            (r#"a:1:{s:5:"email";s:3:"a@b";}"#, "what PHP's `serialize` writes"),
            ("42", "a number"),
            ("ada@example.com", "an e-mail address alone"),
            ("null", "a JSON value without members"),
            ("[1]", "an array"),
            (r#""ada""#, "a JSON string"),
            ("eyJhbGciOiJIUzI1NiJ9.e30.x", "another token"),
            ("hello", "it is no JSON object"),
        ] {
            let fault = find_fault(text);
            assert_eq!((fault.words.as_str(), fault.mistake), (words, Mistake::PayloadNotJson), "{text}");
        }
    }

    #[test]
    fn what_can_be_read_is_read() {
        for (text, mistake) in [
            ("\u{feff}{\"a\":1}", Mistake::PayloadNotJson),
            ("{\"a\":1}\0", Mistake::PayloadNotJson),
            ("[{\"a\":1}]", Mistake::PayloadNotJson),
            (r#""{\"a\":1}""#, Mistake::PayloadIsText),
            (r#""\"{\\\"a\\\":1}\"""#, Mistake::PayloadIsText),
            ("eyJhIjoxfQ", Mistake::PayloadIsText),
            ("%7B%22a%22%3A1%7D", Mistake::PayloadIsText),
            ("{&quot;a&quot;:1}", Mistake::PayloadIsText),
            (r#"{"a":1,"b":NaN,"c":[Infinity,-Infinity],"d":"NaN"}"#, Mistake::NotANumber),
            (r#"{"a":1,"x\ud83d":2,"y\ud83d\ude00":3}"#, Mistake::HalfCharacter),
        ] {
            let fault = find_fault(text);
            let inside = fault.inside.unwrap_or_else(|| panic!("{text}: {}", fault.words));
            assert_eq!((fault.mistake, inside.get("a")), (mistake, Some("1")), "{text}");
        }
        let fault = find_fault(r#"{"a":null,"b":[NaN],"score": NaN,"c":{"d":inf}}"#);
        assert_eq!(fault.words, "`NaN` is the value of `b`");
        assert_eq!(fault.no_numbers, ["score"]);
    }
}
