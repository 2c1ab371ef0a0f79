//! The examples of each command: `--help` and the manual pages show them, and the tests run them.

/// What an example shows, and the line that is typed.
pub(crate) type Example = (&'static str, &'static str);

/// The examples of the command with these words: `["token", "sign"]`.
pub(crate) fn examples_of(command: &[&str]) -> &'static [Example] {
    match command {
        [] => &[
            (
                "Make a secret, sign a token with it and check the token",
                "export BOOSTGPT_SSO_SECRET=$(boostgpt-sso secret generate)\nboostgpt-sso token sign --email ada@example.com | boostgpt-sso token verify",
            ),
            ("Read more about a command", "boostgpt-sso help token doctor"),
        ],
        _ => &[],
    }
}
