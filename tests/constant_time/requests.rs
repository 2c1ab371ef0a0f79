//! Requests to valgrind, as safe functions. Outside of valgrind they do nothing.

use std::ffi::{c_int, c_void};

unsafe extern "C" {
    safe fn request_is_running() -> c_int;
    fn request_undefined(bytes: *const c_void, length: usize);
    fn request_defined(bytes: *const c_void, length: usize);
    safe fn request_errors() -> usize;
}

/// Returns whether the program runs under valgrind.
pub(crate) fn is_running() -> bool {
    request_is_running() != 0
}

/// Marks a text as undefined: memcheck reports each branch and each address that depends on it. The text
/// stays what it is.
pub(crate) fn mark_secret(text: &str) {
    // SAFETY: valgrind changes what it knows of these bytes, not the bytes.
    unsafe { request_undefined(text.as_ptr().cast(), text.len()) }
}

/// Marks a value as public again: the test may look at it.
pub(crate) fn publish<T>(value: T) -> T {
    // SAFETY: as above.
    unsafe { request_defined((&raw const value).cast(), size_of::<T>()) }
    value
}

/// Returns how many errors memcheck has reported so far.
pub(crate) fn errors() -> usize {
    request_errors()
}
