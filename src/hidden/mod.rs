//! Characters that show nothing of their own: the one list of them, for rule C9, the doctor, and terminals.

mod table;

use std::cmp::Ordering;

use self::table::RANGES;
pub use self::table::UNICODE_VERSION;

/// Returns whether a character shows nothing of its own: white space, control, formatting and other invisible
/// characters.
///
/// Two texts that differ only in such characters look alike, and a terminal acts on some of them. No e-mail
/// address may contain one (rule C9). A program that shows a token's texts to people should print an escape
/// in their place.
///
/// They are the characters of the general categories Cc, Cf, Zs, Zl and Zp, those with the property
/// `Default_Ignorable_Code_Point`, and U+2800 (the empty Braille pattern), by the version of Unicode that
/// [`UNICODE_VERSION`] names.
///
/// ```
/// use boostgpt_sso::is_hidden;
///
/// let shown_as = |c: char| if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() };
/// let shown = |text: &str| text.chars().map(shown_as).collect::<String>();
/// assert_eq!(shown("ada\u{200b}@example.com"), r"ada\u{200b}@example.com");
/// ```
#[must_use]
pub fn is_hidden(c: char) -> bool {
    let place = |&(first, last): &(char, char)| match c {
        c if c < first => Ordering::Greater,
        c if c > last => Ordering::Less,
        _ => Ordering::Equal,
    };
    RANGES.binary_search_by(place).is_ok()
}
