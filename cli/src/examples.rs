//! The examples of each command: `--help` and the manual pages show them, and the tests run them.

/// What an example shows, and the lines that are typed.
pub(crate) type Example = (&'static str, &'static str);

/// The examples of the command with these words, such as `["token", "sign"]`.
pub(crate) fn examples_of<'a>(command: &[&'a str]) -> impl Iterator<Item = Example> + use<'a> {
    let command = command.join(" ");
    EXAMPLES.iter().filter(move |(words, ..)| *words == command).map(|(_, what, lines)| (*what, *lines))
}

/// The commands, what an example of each shows, and the lines of the example. `$PROJECT`, `$BOT` and
/// `$SUBSCRIBER` are ids, and the environment names the store and the keys.
const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "",
        "Make a secret, sign a token with it, and verify the token",
        "export BOOSTGPT_SSO_SECRET=$(boostgpt-sso secret generate)\n\
         boostgpt-sso token sign --email ada@example.com | boostgpt-sso token verify",
    ),
    ("", "Read about a command", "boostgpt-sso help token doctor"),
    ("secret", "Make a secret", "boostgpt-sso secret generate"),
    (
        "secret generate",
        "Keep a new master key in a file that only its owner can read",
        "(umask 077; boostgpt-sso secret generate > master-key.txt)",
    ),
    (
        "token",
        "Sign a token and look at it",
        "boostgpt-sso token sign --email ada@example.com | boostgpt-sso token verify",
    ),
    (
        "token sign",
        "Sign a token for a visitor whom the customer knows as 42",
        r#"boostgpt-sso token sign --email ada@example.com --name "Ada Lovelace" --external-id 42"#,
    ),
    (
        "token sign",
        "Sign with the secret in a file",
        "boostgpt-sso token sign --email ada@example.com --secret-file secret.txt",
    ),
    ("token verify", "Verify a token", r#"boostgpt-sso token verify "$TOKEN""#),
    (
        "token verify",
        "Verify what another program prints",
        r#"printf %s "$TOKEN" | boostgpt-sso token verify --json"#,
    ),
    ("token doctor", "Find out why a token is refused", r#"boostgpt-sso token doctor "$TOKEN""#),
    (
        "token doctor",
        "Find out whether it was signed with the secret of before",
        r#"boostgpt-sso token doctor --previous-secret-file old-secret.txt "$TOKEN""#,
    ),
    ("store", "Create a store, or update its schema", "boostgpt-sso store migrate"),
    (
        "store migrate",
        "Create a store in a file, or update its schema",
        "boostgpt-sso store migrate --store sqlite:sso.db --master-key-file master-key.txt",
    ),
    ("store migrations", "Read what will be run", "boostgpt-sso store migrations postgres --schema sso"),
    (
        "store reseal",
        "Seal everything under a new key, when every process has both",
        r#"BOOSTGPT_SSO_MASTER_KEY="$NEW_KEY,$OLD_KEY" boostgpt-sso store reseal"#,
    ),
    ("project", "List the newest projects", "boostgpt-sso project list"),
    (
        "project create",
        "Create a project that grants 100 credits to each new subscriber",
        "PROJECT=$(boostgpt-sso project create --free-tier 100)",
    ),
    ("project list", "List the ten newest projects", "boostgpt-sso project list --limit 10"),
    ("project show", "Show a project, and count its subscribers", r#"boostgpt-sso project show "$PROJECT""#),
    ("bot", "Show whose bot this is", r#"boostgpt-sso bot show "$BOT""#),
    (
        "bot create",
        "Create a bot and keep its secret",
        r#"boostgpt-sso bot create --project "$PROJECT" --json > bot.json"#,
    ),
    ("bot list", "List the bots of a project", r#"boostgpt-sso bot list --project "$PROJECT""#),
    ("bot list", "List all bots of the same project", r#"boostgpt-sso bot list --bot "$BOT""#),
    (
        "bot show",
        "Show whose bot this is, and whether it has a secret",
        r#"boostgpt-sso bot show "$BOT" --json"#,
    ),
    (
        "bot regenerate-secret",
        "Give a bot a new secret without being asked",
        r#"boostgpt-sso bot regenerate-secret "$BOT" --yes > secret.txt"#,
    ),
    (
        "bot remove-secret",
        "Switch single sign-on off for a bot",
        r#"boostgpt-sso bot remove-secret "$BOT" --yes"#,
    ),
    ("subscriber", "Find a person in all projects", "boostgpt-sso subscriber find --email ada@example.com"),
    (
        "subscriber list",
        "List the newest subscribers of a project",
        r#"boostgpt-sso subscriber list --project "$PROJECT""#,
    ),
    (
        "subscriber list",
        "List those before a subscriber",
        r#"boostgpt-sso subscriber list --project "$PROJECT" --after "$SUBSCRIBER""#,
    ),
    (
        "subscriber list",
        "Write all of them to a file",
        r#"boostgpt-sso subscriber list --bot "$BOT" --all --json > subscribers.jsonl"#,
    ),
    (
        "subscriber find",
        "Find a person in all projects",
        "boostgpt-sso subscriber find --email ada@example.com --json",
    ),
    (
        "subscriber find",
        "List the newest visitors of a bot's project",
        r#"boostgpt-sso subscriber find --bot "$BOT""#,
    ),
    (
        "subscriber find",
        "Find a person by the customer's own id of them",
        r#"boostgpt-sso subscriber find --bot "$BOT" --external-id 42"#,
    ),
    (
        "subscriber show",
        "Show a subscriber by the customer's own id",
        r#"boostgpt-sso subscriber show --bot "$BOT" --external-id 42"#,
    ),
    (
        "subscriber show",
        "Show a subscriber by their id",
        r#"boostgpt-sso subscriber show --project "$PROJECT" "$SUBSCRIBER""#,
    ),
    (
        "subscriber forget",
        "Erase a person who asked for it",
        r#"boostgpt-sso subscriber forget --bot "$BOT" --email ada@example.com --yes"#,
    ),
    ("stats", "Count the last two weeks", r#"boostgpt-sso stats --project "$PROJECT""#),
    ("stats", "Count a year, for a program", r#"boostgpt-sso stats --bot "$BOT" --days 365 --json"#),
    ("completions", "Complete commands in this shell", "source <(boostgpt-sso completions bash)"),
    ("man", "Write the manual page of the command", "boostgpt-sso man > boostgpt-sso.1"),
    ("man", "Install the pages of all commands", "mkdir -p man1\nboostgpt-sso man --into man1"),
];
