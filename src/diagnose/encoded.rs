//! Texts that were encoded once more than they should be: for a URL, for HTML.

use super::vocabulary;

/// Decodes `%2E` and its like. `None` if there is nothing to decode, or what comes out is no text.
pub(super) fn percent(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    let mut is_changed = false;
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        decoded.push(u8::from_str_radix(digits, 16).ok()?);
        decoded.extend_from_slice(rest.as_bytes());
        is_changed = true;
    }
    is_changed.then(|| String::from_utf8(decoded).ok())?
}

/// Decodes HTML entities. `None` if there are none.
pub(super) fn html(text: &str) -> Option<String> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_changed = false;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        // No entity is longer than that.
        let end = after.char_indices().take(33).find(|(_, c)| *c == ';').map(|(end, _)| end);
        let found = end
            .and_then(|end| after.split_at_checked(end))
            .and_then(|(name, rest)| Some((entity(name)?, rest.strip_prefix(';').unwrap_or(rest))));
        if let Some((c, after)) = found {
            decoded.push(c);
            rest = after;
            is_changed = true;
        } else {
            decoded.push('&');
            rest = after;
        }
    }
    decoded.push_str(rest);
    is_changed.then_some(decoded)
}

/// The character of an entity's name, or a replacement for a letter with an accent.
fn entity(name: &str) -> Option<char> {
    const NAMES: &[(&str, char)] = &[
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{a0}'),
        ("commat", '@'),
        ("period", '.'),
        ("lowbar", '_'),
        ("hyphen", '-'),
        ("dash", '-'),
        ("plus", '+'),
        ("num", '#'),
        ("sol", '/'),
        ("colon", ':'),
        ("semi", ';'),
        ("comma", ','),
        ("equals", '='),
        ("percnt", '%'),
        ("excl", '!'),
        ("ast", '*'),
        ("szlig", 'ß'),
        ("rsquo", '’'),
        ("lsquo", '‘'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("hellip", '…'),
        ("euro", '€'),
        ("copy", '©'),
        ("reg", '®'),
        ("middot", '·'),
        ("eth", 'ð'),
        ("thorn", 'þ'),
        ("ETH", 'Ð'),
        ("THORN", 'Þ'),
        ("inodot", 'ı'),
        ("imath", 'ı'),
        ("laquo", '«'),
        ("raquo", '»'),
        ("acute", '´'),
    ];
    const ACCENTS: &str = "\
        grave acute circ tilde uml ring cedil slash lig caron macr breve ogon dot dblac strok cy";
    if let Some(digits) = name.strip_prefix(['#']) {
        let number = match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => digits.parse().ok()?,
        };
        return char::from_u32(number);
    }
    let listed = NAMES.iter().find(|(listed, _)| *listed == name).map(|(_, c)| *c);
    let accented = || {
        let mut letters = name.chars();
        let letter = letters.next().filter(char::is_ascii_alphabetic)?;
        vocabulary::has(
            ACCENTS,
            letters.as_str().trim_start_matches(|c: char| "eE".contains(c) && name.len() >= 5),
        )
        .then_some(letter)
    };
    listed.or_else(accented)
}

/// Decodes `\u0040` in a text that is no JSON. `None` if there is none.
pub(super) fn unicode_escapes(text: &str) -> Option<String> {
    let mut parts = text.split("\\u");
    let mut decoded = parts.next()?.to_owned();
    let mut is_changed = false;
    for part in parts {
        let (digits, rest) = part.split_at_checked(4)?;
        decoded.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
        decoded.push_str(rest);
        is_changed = true;
    }
    is_changed.then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_and_nothing_else() {
        for (text, decoded) in [
            ("o&#39;brien@example.com", "o'brien@example.com"),
            ("ada&#x40;example.com", "ada@example.com"),
            ("ada&commat;example&period;com", "ada@example.com"),
            ("O&apos;Brien &amp; Co", "O'Brien & Co"),
            ("Zo&euml;", "Zoe"),
            ("&amp;amp;", "&amp;"),
        ] {
            assert_eq!(html(text).as_deref(), Some(decoded), "{text}");
        }
        for text in ["AT&T", "R&D;", "a & b", "&;", "&#;", "&#x110000;", "&unknown;", "", "&", "&&&&;"] {
            assert_eq!(html(text), None, "{text}");
        }
        assert_eq!(percent("ada%40example.com").as_deref(), Some("ada@example.com"));
        for text in ["100%", "%zz", "%+1", "%ff", "ada"] {
            assert_eq!(percent(text), None, "{text}");
        }
        assert_eq!(unicode_escapes(r"ada\u0040example.com").as_deref(), Some("ada@example.com"));
        assert_eq!(unicode_escapes(r"ada\u004"), None);
    }
}
