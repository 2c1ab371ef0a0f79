//! What the fuzz targets share: keys, how bytes become a text, and the oracles.
//!
//! Each target compares the crate with something that was written without looking at its code. With
//! `FUZZ_PLANTED` in the environment, that something has one fault: a target that does not notice it is
//! useless, and `scripts/fuzz --planted` says so.

pub mod keys;
pub mod oracle;
pub mod request;
/// The tests' own list: what a doctor may not show is written down once.
#[path = "../../tests/suite/diagnose/spellings.rs"]
pub mod spellings;
pub mod text;

use std::sync::LazyLock;

/// Whether the target's one fault is planted.
pub fn planted() -> bool {
    static PLANTED: LazyLock<bool> = LazyLock::new(|| std::env::var_os("FUZZ_PLANTED").is_some());
    *PLANTED
}

/// The time of all tokens, in seconds since 1970.
pub const NOW: i64 = 1_795_000_000;

/// The bot of all verifiers that are bound to one.
pub const BOT: &str = "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1";
