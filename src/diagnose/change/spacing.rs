//! Line ends and white space around a text and in it.

use super::variant::{Changes, Width, groups};
use crate::diagnose::mistake::Mistake;

/// The text with a line end.
pub(super) fn line_ends(text: &str, width: Width, changes: &mut Changes) {
    const LINE_ENDS: &[(&str, &str, &str)] = &[
        ("", "\n", "with a line feed after it"),
        ("", "\r\n", "with a carriage return and a line feed after it"),
        ("", "\r", "with a carriage return after it"),
        ("\n", "", "with a line feed before it"),
        ("", "\n\n", "with two line feeds after it"),
        ("", "\\n", "with a backslash and an n after it"),
        ("\n", "\n", "with a line feed before and after it"),
        ("", "\\r\\n", "with the escapes of a line end after it"),
        ("", "\\r", "with a backslash and an r after it"),
        ("\t", "\n", "with a tab before and a line feed after it"),
        ("  ", "\n", "with two spaces before and a line feed after it"),
        ("", "%0A", "with the escape of a line feed after it"),
        ("", "%0D%0A", "with the escapes of a line end after it"),
        ("", "\r\n\r\n", "with two line ends after it"),
        ("\r\n", "", "with a carriage return and a line feed before it"),
        ("", "\n\r", "with a line feed and a carriage return after it"),
        ("", "\n\n\n", "with three line feeds after it"),
        ("", "\u{2028}", "with a line separator after it"),
        ("", "\u{85}", "with a next-line character after it"),
    ];
    add_with_surroundings(
        Mistake::SecretLineEnd,
        text,
        LINE_ENDS,
        if width == Width::All { LINE_ENDS.len() } else { 2 },
        changes,
    );
}

/// The same of bytes that are no text.
pub(super) fn line_ends_of_bytes(bytes: &[u8], changes: &mut Changes) {
    let (feed, both) = ("with a line feed after it", "with a carriage return and a line feed after it");
    changes.add(Mistake::SecretLineEnd, feed, [bytes, b"\n"].concat());
    changes.add(Mistake::SecretLineEnd, both, [bytes, b"\r\n"].concat());
}

/// The text with white space or an invisible character before or after it.
pub(super) fn spaces(text: &str, width: Width, changes: &mut Changes) {
    const SPACES: &[(&str, &str, &str)] = &[
        ("", " ", "with a space after it"),
        (" ", "", "with a space before it"),
        ("\u{feff}", "", "with a byte order mark before it"),
        (" ", " ", "with a space before and after it"),
        ("", "\t", "with a tab after it"),
        ("\t", "", "with a tab before it"),
        ("", "\0", "with a NUL after it"),
        ("", "\\t", "with a backslash and a t after it"),
        ("\u{16}", "", "with a control character before it"),
        ("", "  ", "with two spaces after it"),
        ("  ", "", "with two spaces before it"),
        ("\t", "\t", "with a tab before and after it"),
        ("", "\u{a0}", "with a no-break space after it"),
        ("\u{a0}", "", "with a no-break space before it"),
        ("\u{200b}", "", "with a zero-width space before it"),
        ("", "\u{200b}", "with a zero-width space after it"),
        ("", "\u{feff}", "with a byte order mark after it"),
        ("\u{2060}", "", "with a word joiner before it"),
        ("\u{200e}", "", "with a direction mark before it"),
        ("", "\u{200e}", "with a direction mark after it"),
        ("\u{202a}", "", "with a direction mark before it"),
        ("\u{3000}", "", "with an ideographic space before it"),
        ("", "\u{3000}", "with an ideographic space after it"),
        ("    ", "", "with four spaces before it"),
        ("", "   ", "with three spaces after it"),
        ("   ", "", "with three spaces before it"),
        ("", "\0\0", "with two NULs after it"),
        ("", "+", "with a plus sign after it, as a space becomes in a form"),
        ("", "%20", "with the escape of a space after it"),
        ("", "\u{b}", "with a vertical tab after it"),
        ("", "\u{1a}", "with a control character after it"),
        ("", "\u{4}", "with a control character after it"),
    ];
    add_with_surroundings(
        Mistake::SecretWhiteSpace,
        text,
        SPACES,
        if width == Width::All { SPACES.len() } else { 3 },
        changes,
    );
    if width == Width::All {
        // As columns of a fixed length give it back.
        for length in [72, 80, 100, 128, 200, 255, 256] {
            let words = "with spaces after it up to a fixed length";
            changes.add(Mistake::SecretWhiteSpace, words, format!("{text:length$}"));
        }
    }
}

/// The text with something before or after it.
fn add_with_surroundings(
    mistake: Mistake,
    text: &str,
    all: &[(&str, &str, &'static str)],
    count: usize,
    changes: &mut Changes,
) {
    for (before, after, words) in all.iter().take(count) {
        changes.add(mistake, *words, format!("{before}{text}{after}"));
    }
}

/// White space, or another separator, inside the text.
pub(super) fn spread(text: &str, width: Width, changes: &mut Changes) {
    const SPACES: &str = "with spaces in it";
    let mut add = |words: &'static str, spread: String| {
        if spread != text {
            changes.add(Mistake::SecretWhiteSpace, words, spread);
        }
    };
    add(SPACES, groups(text, 4, " "));
    add(SPACES, groups(text, 8, " "));
    add("with a line end in it", groups(text, 32, "\n"));
    let parted = |between| {
        let places = (1..text.len()).filter_map(|at| text.split_at_checked(at));
        places.map(move |(before, after)| format!("{before}{between}{after}"))
    };
    if width == Width::Unusual && text.is_ascii() {
        parted(' ').for_each(|text| add("with a space in it", text));
    }
    if width != Width::All || !text.is_ascii() {
        return;
    }
    for length in [2, 16, 32, 1] {
        add(SPACES, groups(text, length, " "));
    }
    for (invisible, words) in
        [("\u{200b}", "with a zero-width space in it"), ("\u{ad}", "with a soft hyphen in it")]
    {
        add(words, groups(text, 32, invisible));
    }
    for length in [2, 4, 8, 16, 32, 1] {
        add("with hyphens in it", groups(text, length, "-"));
        add("with colons in it", groups(text, length, ":"));
        add("with line ends in it", groups(text, length, "\n"));
        add("with line ends in it", groups(text, length, "\r\n"));
        add("with tabs in it", groups(text, length, "\t"));
    }
    parted('\n').for_each(|text| add("with a line end in it", text));
}
