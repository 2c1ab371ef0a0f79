//! What comes along with a text from where it is kept: quotation marks, names, line ends, white space.

use super::variant::{Changes, Width, groups};
use crate::diagnose::mistake::Mistake;

/// The text in quotation marks or brackets.
pub(super) fn quoted(text: &str, width: Width, changes: &mut Changes) {
    const PAIRS: &[(&str, &str)] = &[
        ("\"", "\""),
        ("'", "'"),
        ("`", "`"),
        ("“", "”"),
        ("‘", "’"),
        ("«", "»"),
        ("„", "“"),
        ("\\\"", "\\\""),
        ("\\'", "\\'"),
        ("b'", "'"),
        ("b\"", "\""),
        ("u'", "'"),
        ("\"\"\"", "\"\"\""),
        ("<", ">"),
        ("[", "]"),
        ("(", ")"),
        ("{", "}"),
        ("[\"", "\"]"),
        ("\"", "\","),
        ("'", "',"),
        ("\"", "\";"),
        ("'", "';"),
        ("&quot;", "&quot;"),
        ("&#34;", "&#34;"),
        ("&#39;", "&#39;"),
        ("%22", "%22"),
    ];
    let both = if width == Width::All { PAIRS } else { PAIRS.get(..2).unwrap_or_default() };
    let one_sided = if width == Width::All { PAIRS.get(..5).unwrap_or_default() } else { &[] };
    let one_sided = one_sided.iter().flat_map(|(open, close)| [(*open, ""), ("", *close)]);
    let ends: &[(&str, &str)] = if width == Width::All { &[("", "\","), ("", "\";")] } else { &[] };
    let one_sided = one_sided.chain(ends.iter().copied());
    for (open, close) in both.iter().copied().chain(one_sided) {
        let words = format!("as {open}…{close}");
        changes.add(Mistake::SecretQuoted, words, format!("{open}{text}{close}"));
    }
}

/// The names of variables that hold a secret.
pub(in crate::diagnose) const VARIABLES: &[&str] = &[
    "BOOSTGPT_SSO_SECRET",
    "SSO_SECRET",
    "BOOSTGPT_SECRET",
    "JWT_SECRET",
    "SECRET",
    "SECRET_KEY",
    "BOOSTGPT_SSO_KEY",
    "SSO_KEY",
    "secret",
    "ssoSecret",
    "sso_secret",
    "key",
];

/// Other names under which settings keep it, tried in fewer ways.
pub(in crate::diagnose) const OTHER_VARIABLES: &[&str] = &[
    "NEXT_PUBLIC_BOOSTGPT_SSO_SECRET",
    "NEXT_PUBLIC_SSO_SECRET",
    "VITE_BOOSTGPT_SSO_SECRET",
    "VITE_SSO_SECRET",
    "REACT_APP_BOOSTGPT_SSO_SECRET",
    "REACT_APP_SSO_SECRET",
    "BOOSTGPT_WIDGET_SECRET",
    "BOOSTGPT_JWT_SECRET",
    "BOOSTGPT_API_KEY",
    "WIDGET_SECRET",
    "BOT_SECRET",
    "APP_SECRET",
    "CLIENT_SECRET",
    "SHARED_SECRET",
    "SIGNING_KEY",
    "JWT_SECRET_KEY",
    "API_KEY",
    "KEY",
    "boostgpt_sso_secret",
    "boostgptSsoSecret",
];

/// Names in a file of settings or in code.
const MEMBERS: &[&str] = &["secret", "ssoSecret", "BOOSTGPT_SSO_SECRET"];

/// Other text that is before a secret.
const PREFIXES: &[&str] = &[
    "0x",
    "0X",
    "hex:",
    "base64:",
    "Bearer ",
    "bearer ",
    "secret:",
    "secret: ",
    "Secret: ",
    "key:",
    "key: ",
    "SSO secret: ",
    "SSO Secret: ",
    "token=",
    "$",
    "=",
    ":",
    "utf8:",
    "text:",
    "raw:",
    "plain:",
    "sk_",
    "whsec_",
    "sha256:",
    "sha256=",
    "- ",
    "> ",
    "$ ",
];

/// Other text that is after one.
const SUFFIXES: &[&str] = &[" # production", ";", ",", ".", "%", "$", "\\", "=", "==", "|", ")", "…"];

/// The text behind a name, or with other text around it.
pub(super) fn named(text: &str, width: Width, changes: &mut Changes) {
    /// `N` is the name, and `S` the secret.
    const SETTINGS: &[&str] = &[
        "N=S",
        "export N=S",
        "N=\"S\"",
        "N='S'",
        "N=S\n",
        "export N=\"S\"",
        "export N='S'",
        "N: S",
        "N = S",
        "N:S",
        "N = \"S\"",
        "N = 'S'",
        "set N=S",
        "SET N=S",
        "$env:N=\"S\"",
        "$env:N = \"S\"",
        "ENV N=S",
        "ENV N S",
        "-e N=S",
        "N S",
    ];
    /// They are tried with the names of members.
    const MEMBER_SETTINGS: &[&str] = &[
        "N: S",
        "N: \"S\"",
        "N: 'S'",
        "\"N\": \"S\"",
        "\"N\":\"S\"",
        "{\"N\":\"S\"}",
        "{\"N\": \"S\"}",
        "{'N': 'S'}",
    ];
    /// They are tried with every name, the others with the first two.
    const FREQUENT_SETTINGS: usize = 5;
    let mut add = |before: &str, after: &str| {
        let words = match (before, after) {
            (before, "") => format!("with `{before}` before it"),
            ("", after) => format!("with `{after}` after it"),
            (before, after) => format!("with `{before}` before and `{after}` after it"),
        };
        changes.add(Mistake::SecretWithName, words, format!("{before}{text}{after}"));
    };
    // The secret is the last of a setting's letters: the S of SET comes before the name.
    let around = |setting: &'static str, name: &str| {
        let (before, after) = setting.rsplit_once('S').unwrap_or_default();
        // ENV has an N of its own.
        let (start, end) = before.rsplit_once('N').unwrap_or((before, ""));
        (format!("{start}{name}{end}"), after)
    };
    let settings = if width == Width::All { Some(SETTINGS) } else { SETTINGS.get(..3) };
    for (at, setting) in settings.unwrap_or_default().iter().enumerate() {
        let names = if width == Width::All && at < FREQUENT_SETTINGS { VARIABLES.len() } else { 2 };
        for name in VARIABLES.iter().take(names) {
            let (before, after) = around(setting, name);
            add(&before, after);
        }
    }
    if width == Width::All {
        for setting in MEMBER_SETTINGS {
            for name in MEMBERS {
                let (before, after) = around(setting, name);
                add(&before, after);
            }
        }
        for name in OTHER_VARIABLES {
            add(&format!("{name}="), "");
        }
        for prefix in PREFIXES {
            add(prefix, "");
        }
        for suffix in SUFFIXES {
            add("", suffix);
        }
    }
}

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
    for at in 1..text.len() {
        let Some((before, after)) = text.split_at_checked(at) else { continue };
        add("with a line end in it", format!("{before}\n{after}"));
    }
}
