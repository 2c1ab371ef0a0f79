//! What a command found.

/// What a command found, if it did not fail: the exit status is 0 for yes and 1 for no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
}
