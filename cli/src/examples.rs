//! The examples of each command: `--help` and the manual pages show them, and the tests run them.

/// What an example shows, and the lines that are typed.
pub(crate) type Example = (&'static str, &'static str);

/// The examples of the command with these words, such as `["token", "sign"]`. `$PROJECT`, `$BOT` and `$SUBSCRIBER` are
/// ids, and the environment names the store and the keys.
pub(crate) fn examples_of(command: &[&str]) -> &'static [Example] {
    match command {
        [] => &[
            (
                "Make a secret, sign a token with it, and verify the token",
                "export BOOSTGPT_SSO_SECRET=$(boostgpt-sso secret generate)\n\
                 boostgpt-sso token sign --email ada@example.com | boostgpt-sso token verify",
            ),
            ("Read about a command", "boostgpt-sso help token doctor"),
        ],
        ["secret"] => GENERATE,
        ["secret", "generate"] => GENERATE,
        ["token"] => &[(
            "Sign a token and look at it",
            "boostgpt-sso token sign --email ada@example.com | boostgpt-sso token verify",
        )],
        ["token", "sign"] => &[
            (
                "Sign a token for a visitor whom the customer knows as 42",
                r#"boostgpt-sso token sign --email ada@example.com --name "Ada Lovelace" --external-id 42"#,
            ),
            (
                "Sign with the secret in a file",
                "boostgpt-sso token sign --email ada@example.com --secret-file secret.txt",
            ),
        ],
        ["token", "verify"] => &[
            ("Verify a token", r#"boostgpt-sso token verify "$TOKEN""#),
            (
                "Verify what another program prints",
                r#"printf %s "$TOKEN" | boostgpt-sso token verify --json"#,
            ),
        ],
        ["token", "doctor"] => &[
            ("Find out why a token is refused", r#"boostgpt-sso token doctor "$TOKEN""#),
            (
                "Find out whether it was signed with the secret of before",
                r#"boostgpt-sso token doctor --previous-secret-file old-secret.txt "$TOKEN""#,
            ),
        ],
        ["store"] => MIGRATE,
        ["store", "migrate"] => MIGRATE,
        ["store", "migrations"] => {
            &[("Read what will be run", "boostgpt-sso store migrations postgres --schema sso")]
        }
        ["store", "reseal"] => &[(
            "Seal everything under a new key, when every process has both",
            r#"BOOSTGPT_SSO_MASTER_KEY="$NEW_KEY,$OLD_KEY" boostgpt-sso store reseal"#,
        )],
        ["project"] => &[("Show a project", r#"boostgpt-sso project show "$PROJECT""#)],
        ["project", "create"] => &[(
            "Create a project that grants 100 credits to each new subscriber",
            "PROJECT=$(boostgpt-sso project create --free-tier 100)",
        )],
        ["project", "list"] => &[("List the newest projects", "boostgpt-sso project list --limit 10")],
        ["project", "show"] => &[("Show a project", r#"boostgpt-sso project show "$PROJECT""#)],
        ["bot"] => &[("Show whose bot this is", r#"boostgpt-sso bot show "$BOT""#)],
        ["bot", "create"] => &[(
            "Create a bot and keep its secret",
            r#"boostgpt-sso bot create --project "$PROJECT" --json > bot.json"#,
        )],
        ["bot", "list"] => &[
            ("List the bots of a project", r#"boostgpt-sso bot list --project "$PROJECT""#),
            ("List the other bots of the same project", r#"boostgpt-sso bot list --bot "$BOT""#),
        ],
        ["bot", "show"] => {
            &[("Show whose bot this is, and whether it has a secret", r#"boostgpt-sso bot show "$BOT""#)]
        }
        ["bot", "regenerate-secret"] => &[(
            "Give a bot a new secret without being asked",
            r#"boostgpt-sso bot regenerate-secret "$BOT" --yes > secret.txt"#,
        )],
        ["bot", "remove-secret"] => {
            &[("Switch single sign-on off for a bot", r#"boostgpt-sso bot remove-secret "$BOT" --yes"#)]
        }
        ["subscriber"] => FIND,
        ["subscriber", "list"] => &[
            (
                "List the newest subscribers of a project",
                r#"boostgpt-sso subscriber list --project "$PROJECT""#,
            ),
            (
                "List the ones before a subscriber",
                r#"boostgpt-sso subscriber list --project "$PROJECT" --after "$SUBSCRIBER""#,
            ),
            (
                "Write all of them to a file",
                r#"boostgpt-sso subscriber list --project "$PROJECT" --all --json > subscribers.jsonl"#,
            ),
        ],
        ["subscriber", "find"] => FIND,
        ["subscriber", "show"] => &[
            (
                "Show a subscriber by the customer's own id",
                r#"boostgpt-sso subscriber show --bot "$BOT" --external-id 42"#,
            ),
            (
                "Show a subscriber by their id",
                r#"boostgpt-sso subscriber show --project "$PROJECT" "$SUBSCRIBER""#,
            ),
        ],
        ["subscriber", "forget"] => &[(
            "Erase a person who asked for it",
            r#"boostgpt-sso subscriber forget --project "$PROJECT" --email ada@example.com --yes"#,
        )],
        ["stats"] => &[
            ("Count the last two weeks", r#"boostgpt-sso stats --project "$PROJECT""#),
            ("Count a year, for a program", r#"boostgpt-sso stats --bot "$BOT" --days 365 --json"#),
        ],
        ["completions"] => &[("Complete commands in this shell", "source <(boostgpt-sso completions bash)")],
        ["man"] => &[
            ("Write the manual page of the command", "boostgpt-sso man > boostgpt-sso.1"),
            ("Install the pages of all commands", "mkdir -p man1\nboostgpt-sso man --into man1"),
        ],
        _ => &[],
    }
}

const GENERATE: &[Example] = &[(
    "Keep a new master key in a file that only its owner can read",
    "(umask 077; boostgpt-sso secret generate > master-key.txt)",
)];

const MIGRATE: &[Example] = &[(
    "Create a store in a file, or update its schema",
    "boostgpt-sso store migrate --store sqlite:sso.db --master-key-file master-key.txt",
)];

const FIND: &[Example] = &[
    ("Find a person in all projects", "boostgpt-sso subscriber find --email ada@example.com"),
    ("List the newest visitors of a bot", r#"boostgpt-sso subscriber find --bot "$BOT""#),
    (
        "Find a person by the customer's own id of them",
        r#"boostgpt-sso subscriber find --bot "$BOT" --external-id 42"#,
    ),
];
