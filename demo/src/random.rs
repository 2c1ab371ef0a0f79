//! What cannot be guessed: the nonces of pages, the ids of sessions.

use rand::{TryRng, rngs::SysRng};

/// 128 random bits, in hexadecimal digits.
pub(crate) fn text() -> String {
    let mut bytes = [0; 16];
    SysRng.try_fill_bytes(&mut bytes).expect("the operating system's generator");
    hex::encode(bytes)
}
