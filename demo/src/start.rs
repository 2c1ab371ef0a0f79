//! How the program begins, speaks and ends: as the examples do.

#[allow(dead_code, reason = "the demo has ports of its own")]
#[path = "../examples/start/mod.rs"]
mod shared;

pub(crate) use self::shared::{end, say, warn};
