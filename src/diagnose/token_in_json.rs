//! JSON, or an object that a program printed, with a token somewhere in it.

use super::{mistake::Mistake, object::Object, place, search, segments, wrapping::Layer};
use crate::json;

/// What is found in a text that begins as an object or an array.
pub(super) enum InJson {
    Token(Layer),
    Nothing(Mistake, String),
}

/// Looks for a token in JSON. `None` if the text is no JSON object or array.
pub(super) fn find_token_in_json(text: &str) -> Option<InJson> {
    let text = text.trim();
    let is_escaped = text.starts_with("{\\\"") || text.starts_with("[{\\\"");
    let object = if text.starts_with('{') && !is_escaped {
        Object::read(text)?
    } else if text.starts_with('[') && !is_escaped {
        let elements = json::array(text)?;
        if elements.is_empty() {
            return Some(InJson::Nothing(Mistake::Undefined, "an empty JSON array".to_owned()));
        }
        if let Some(layer) = characters(&elements).or_else(|| three_segments(&elements)) {
            return Some(InJson::Token(layer));
        }
        let mut array = Object::default();
        array.set("", Some(text));
        array
    } else {
        // JSON that was turned into a JSON string.
        let quoted = if text.starts_with('"') { text.to_owned() } else { format!("\"{text}\"") };
        let inside = (text.starts_with('"') || text.contains("\\\"")).then(|| json::string(&quoted))??;
        return if inside.trim_start().starts_with(['{', '[']) { find_token_in_json(&inside) } else { None };
    };
    if let Some(found) = compact(&object) {
        return Some(found);
    }
    let (values, _) = search::values(&object);
    let tokens =
        || values.iter().filter_map(|value| Some((value, value.text().filter(|text| has_token(text))?)));
    // Of an id token and ours, ours; and the token itself rather than a text around it.
    let bare = tokens().find(|(_, text)| text.starts_with("eyJ") && is_hs256(text));
    let found = bare.or_else(|| tokens().find(|(_, text)| is_hs256(text))).or_else(|| tokens().next());
    if let Some((value, inside)) = found {
        let path = value.path.trim_start_matches('.');
        let seen = format!("the token is in `{path}`");
        return Some(InJson::Token(Layer(Mistake::JsonWrapper, seen, inside)));
    }
    // The token as the name of a member.
    let name = object.members().map(|(name, _)| name).find(|name| name.starts_with("eyJ") && has_token(name));
    if let Some(name) = name {
        let seen = "the token is the name of a member".to_owned();
        return Some(InJson::Token(Layer(Mistake::JsonWrapper, seen, name.to_owned())));
    }
    if let Some(decoded) = decoded_token(&object) {
        return Some(InJson::Nothing(Mistake::TokenDecoded, decoded));
    }
    let first = || json::array(text)?.into_iter().find_map(Object::read);
    let (mistake, seen) = match text.starts_with('[').then(first) {
        None => place::json_without_token(&object),
        Some(Some(first)) => place::json_without_token(&first),
        Some(None) if values.iter().skip(1).all(|value| value.raw == "null") => {
            (Mistake::Undefined, format!("a JSON array without a value: {text}"))
        }
        Some(None) => (Mistake::OtherValue, format!("a JSON array without a token in it: {text}")),
    };
    Some(InJson::Nothing(mistake, seen))
}

/// A token as the list of its characters.
fn characters(elements: &[&str]) -> Option<Layer> {
    let is_start = elements.len() > 20 && elements.iter().take(2).copied().eq(["\"e\"", "\"y\""]);
    let texts =
        is_start.then(|| elements.iter().map(|raw| json::string(raw)).collect::<Option<Vec<_>>>())??;
    let token = texts.concat();
    let seen = format!("a JSON array of {} characters", texts.len());
    token.starts_with("eyJ").then_some(Layer(Mistake::JsonWrapper, seen, token))
}

/// The three segments as the elements of an array.
fn three_segments(elements: &[&str]) -> Option<Layer> {
    let texts = elements.iter().map(|raw| json::string(raw)).collect::<Option<Vec<_>>>()?;
    let [header, payload, signature] = &texts[..] else { return None };
    let is_header = segments::decode_object(header).is_some_and(|header| header.get("alg").is_some());
    let is_token = is_header && segments::decode_object(payload).is_some() && !signature.contains('.');
    let seen = "a JSON array of the three segments".to_owned();
    is_token.then(|| Layer(Mistake::JwsJson, seen, format!("{header}.{payload}.{signature}")))
}

/// Header, payload and signature as the members of an object.
fn compact(object: &Object) -> Option<InJson> {
    let layer = |header: String, payload: String, signature: String| {
        let seen = "an object with the header, the payload and the signature as members".to_owned();
        Some(InJson::Token(Layer(Mistake::JwsJson, seen, format!("{header}.{payload}.{signature}"))))
    };
    let payload = object.text("payload")?;
    let header = || object.text("protected").or_else(|| object.text("header"));
    if let (Some(header), Some(signature)) = (header(), object.text("signature")) {
        return layer(header, payload, signature);
    }
    let signature = Object::read(json::array(object.get("signatures")?)?.first()?)?;
    layer(signature.text("protected")?, payload, signature.text("signature")?)
}

/// A text with a token in it, or with the JSON of an answer.
fn has_token(text: &str) -> bool {
    text.contains("eyJ") && text.contains('.')
}

fn is_hs256(text: &str) -> bool {
    let start = text.find("eyJ").and_then(|start| text.get(start..)).unwrap_or_default();
    let header = start.split('.').next().unwrap_or_default();
    segments::decode_object(header).is_some_and(|header| header.text("alg").as_deref() == Some("HS256"))
}

/// What a library gives back when it reads a token.
fn decoded_token(object: &Object) -> Option<String> {
    let inner = |name: &str| object.get(name).and_then(Object::read);
    let is_header = |header: &Object| header.get("alg").is_some() && header.get("kty").is_none();
    if inner("header").is_some_and(|header| is_header(&header)) && inner("payload").is_some() {
        return Some("an object with a header and a payload that are decoded".to_owned());
    }
    let is_alone = is_header(object) && object.get("email").is_none();
    is_alone.then(|| format!("the header alone, decoded: {}", object.render()))
}

/// Header and claims in plain JSON, one after the other, as .NET and debuggers print a token.
pub(super) fn claims_in_plain_json(text: &str) -> Option<String> {
    let is_decoded = ["\"email\"", "\"exp\"", "\"iat\"", "\"sub\""].iter().any(|name| text.contains(name));
    let is_two = text.matches('{').count() > 1 && Object::read(text).is_none() && !text.starts_with('[');
    if text.contains("\"alg\"") && !text.contains("eyJ") && is_decoded && is_two {
        return Some(format!("header and claims in plain JSON: {text}"));
    }
    // `header={typ=JWT, alg=HS256},payload={email=…}` (Java), `&{… map[alg:HS256] map[email:…]}` (Go)
    let plain = text.replace(['"', '\'', ' '], "");
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    // Go prints the text of a token with it, if it has one.
    let is_go = text.starts_with("&{eyJ") && text.contains("map[") && !segments::holds_token(text);
    let is_printed = has(&["alg=HS", "alg:HS", "alg=>HS"])
        && has(&["email=", "email:", "exp=", "exp:", "sub=", "sub:"])
        && (is_go || !text.contains("eyJ"))
        && !text.contains('\n')
        && !text.starts_with(['{', '['])
        && text.contains(['{', '[']);
    is_printed.then(|| format!("header and claims as a program prints them: {text}"))
}

/// An object that a program printed in a form of its own: `{'token': '…'}`, `{"token"=>"…"}`, `map[token:…]`.
pub(super) fn printed(text: &str) -> Option<Layer> {
    const AROUND: &[(&str, &str)] = &[
        ("{", "}"),
        ("[", "]"),
        ("map[", "]"),
        ("Array", ")"),
        ("array(", ")"),
        ("(", ")"),
        ("%{", "}"),
        ("Map(", ")"),
        ("$VAR1 = ", ";"),
        ("array (", ")"),
        ("array(", "}"),
        ("object(", "}"),
        ("(object)", ")"),
        ("stdClass", ")"),
        ("a:", "}"),
        ("O:", "}"),
    ];
    AROUND.iter().find(|(open, close)| text.starts_with(open) && text.ends_with(close))?;
    let start = text.find("eyJ")?;
    let (before, rest) = text.split_at_checked(start)?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=+/".contains(c))).unwrap_or(rest.len());
    let (inside, _) = rest.split_at_checked(end)?;
    let name = before.trim_end_matches(['"', '\'', ' ']);
    let is_member = (name.ends_with(')') && name.contains("string("))
        || name.ends_with([':', '>', '=', ',', '[', '{', '('])
        || name.starts_with("{:");
    let seen = format!("a printed object is around it; before it is `{before}`");
    (is_member && inside.contains('.') && before.len() > 1)
        .then(|| Layer(Mistake::JsonWrapper, seen, inside.to_owned()))
}
