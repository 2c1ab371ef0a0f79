//! Rule C9.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, HirKind};

/// Whether an address is allowed.
pub fn is_allowed(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    let [local, domain] = parts[..] else { return false };
    let allowed = |part: &str, punctuation: &str| {
        part.chars().all(|c| match c {
            c if c.is_ascii() => c.is_ascii_alphanumeric() || punctuation.contains(c),
            c => !is_hidden(c),
        })
    };
    (3..=254).contains(&text.len())
        && (1..=64).contains(&local.len())
        && allowed(local, ".!#$%&'*+-/=?^_`{|}~")
        && allowed(domain, ".-_")
        && domain.split('.').all(|label| !label.is_empty())
}

/// The general categories Cc, Cf, Zs, Zl and Zp, `Default_Ignorable_Code_Point`, and U+2800.
static HIDDEN: LazyLock<ClassUnicode> =
    LazyLock::new(|| class(r"[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]"));

/// What `regex-syntax` does not know, since its version of Unicode may be older.
static UNKNOWN: LazyLock<ClassUnicode> = LazyLock::new(|| class(r"\p{Cn}"));

fn class(pattern: &str) -> ClassUnicode {
    match regex_syntax::parse(pattern).expect("a class").into_kind() {
        HirKind::Class(Class::Unicode(class)) => class,
        other => panic!("{pattern} is {other:?}"),
    }
}

fn is_hidden(c: char) -> bool {
    let is_in = |class: &ClassUnicode| {
        class
            .ranges()
            .binary_search_by(|range| {
                use std::cmp::Ordering::{Equal, Greater, Less};
                if range.end() < c {
                    Less
                } else if range.start() > c {
                    Greater
                } else {
                    Equal
                }
            })
            .is_ok()
    };
    is_in(&HIDDEN) || (is_in(&UNKNOWN) && boostgpt_sso::is_hidden(c))
}
