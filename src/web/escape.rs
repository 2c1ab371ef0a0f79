//! Texts of a snippet, written for their places: an attribute, a string of a script.

use std::fmt;

/// A text inside the double quotes of an attribute.
pub(crate) struct Attribute<'a>(pub(crate) &'a str);

impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            _ => write!(f, "{c}"),
        })
    }
}

/// A text as a string of JavaScript, in which nothing can end the script element.
pub(crate) struct ScriptString<'a>(pub(crate) &'a str);

impl fmt::Display for ScriptString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        self.0.encode_utf16().try_for_each(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_alphanumeric() || b"-._~!$()*+,;=:@/?% ".contains(&byte) => {
                write!(f, "{}", char::from(byte))
            }
            _ => write!(f, "\\u{unit:04x}"),
        })?;
        f.write_str("\"")
    }
}

/// `Attribute` and `ScriptString` are right for any text, not only for what a snippet accepts. (`tests/web`
/// reads whole snippets with an HTML parser.)
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_attribute_gives_back_its_text(text in "[^\0\r]*") {
            let written = Attribute(&text).to_string();
            prop_assert!(!written.contains(['"', '\'', '<', '>']), "{}", written);
            let [quot, apos, lt, gt, amp] = ["&quot;", "&#39;", "&lt;", "&gt;", "&amp;"];
            let read = written.replace(quot, "\"").replace(apos, "'").replace(lt, "<").replace(gt, ">");
            prop_assert_eq!(read.replace(amp, "&"), text); // last, so that "&amp;lt;" is "&lt;"
        }

        #[test]
        fn a_string_of_a_script_gives_back_its_text(
            text in prop_oneof![any::<String>(), "[</script>!\\\\\"'\u{2028}-]*"],
        ) {
            let literal = ScriptString(&text).to_string();
            prop_assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), text);
            // And it has nothing that means something else to a script than to JSON, or to HTML.
            let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && !b"<>&'`".contains(&byte);
            let plain = literal.bytes().all(is_plain);
            prop_assert!(plain, "{}", literal);
        }
    }
}
