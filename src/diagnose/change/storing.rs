//! What comes along with a text from where it is kept: quotation marks and names.

use super::variant::{Changes, Width};
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
        ("\" ", " \""),
        ("\"", "\\n\""),
        ("'", "\\n'"),
        ("${", "}"),
        ("{{", "}}"),
        ("{{ ", " }}"),
        ("```", "```"),
        ("```\n", "\n```"),
    ];
    const UNUSUAL: &[(&str, &str)] = &[
        ("**", "**"),
        ("<code>", "</code>"),
        ("<span>", "</span>"),
        ("$(echo ", ")"),
        ("Some(\"", "\")"),
        ("Optional[", "]"),
        ("'", "\""),
        ("\u{1b}[200~", "\u{1b}[201~"),
        ("[200~", "~"),
    ];
    if width == Width::Unusual {
        for (open, close) in UNUSUAL {
            let words = format!("as {open}…{close}");
            changes.add(Mistake::SecretQuoted, words, format!("{open}{text}{close}"));
        }
    }
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
    "BOOSTGPT_SECRET_KEY",
    "BOOSTGPT_SSO",
    "BOOSTGPT_SSO_TOKEN",
    "WIDGET_SSO_SECRET",
    "CHATBOT_SSO_SECRET",
];

/// Names in a file of settings or in code.
const MEMBERS: &[&str] = &["secret", "ssoSecret", "BOOSTGPT_SSO_SECRET"];

/// Names in the JSON of a secret manager.
const JSON_MEMBERS: &[&str] = &["SSO_SECRET", "key", "password", "value", "sso_secret"];

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

/// Text before a secret that is tried last, and text after one.
const UNUSUAL_PREFIXES: &[&str] = &[
    "= ",
    " =",
    "Secret:\n",
    "SSO Secret\n",
    "SSO-Secret: ",
    "sso-secret: ",
    "Your SSO secret: ",
    "boostgpt_sso_secret: ",
    "SHA256:",
    "enc:",
    "sso_",
    "secret_",
    "bgpt_",
    "&nbsp;",
];
const UNUSUAL_SUFFIXES: &[&str] =
    &[" # SSO secret", " #boostgpt", "#prod", "<br>", "Copied!", "\nCopy", " Copy"];

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
        "N=S\nNODE_ENV=production\n",
        "NODE_ENV=production\nN=S\n",
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
        for name in JSON_MEMBERS {
            add(&format!("{{\"{name}\":\""), "\"}");
            add(&format!("{{\"{name}\": \""), "\"}");
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
    if width == Width::Unusual {
        add("const secret = \"", "\";");
        for prefix in UNUSUAL_PREFIXES {
            add(prefix, "");
        }
        for suffix in UNUSUAL_SUFFIXES {
            add("", suffix);
        }
    }
}
