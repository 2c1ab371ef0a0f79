//! The command's README: its lines are run as they are.

use super::*;

#[test]
fn the_commands_of_the_readme_run() {
    let section = include_str!("../../README.md");
    let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let script = blocks.collect::<String>();
    let cargo = "cargo run --quiet --package boostgpt-sso-cli --";
    assert_eq!(script.matches(cargo).count(), 1);
    let script = script.replace(cargo, env!("CARGO_BIN_EXE_boostgpt-sso"));

    let folder = tempfile::tempdir().unwrap();
    let done = program("bash", &["-euxo", "pipefail", "-c", &script])
        .within(folder.path())
        .without("BOOSTGPT_SSO_SECRET")
        .run();
    assert_eq!(done.status, 0, "{done:?}");
    assert!(done.out.starts_with("accepted, for another "), "{done:?}");
    let refused = section.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(done.out.contains(refused) && done.out.contains("\nanonymous\n"), "{done:?}");
    for line in [
        "e-mail       ada@example.com",
        "name         Ada Lovelace",
        "external id  42",
        "day         new  daily",
    ] {
        assert!(done.out.contains(line), "{line} is not in {done:?}");
    }
    assert!(
        done.err.contains("the schema is up to date") && done.err.contains("shown this once"),
        "{done:?}"
    );
    assert!(folder.path().join("sso.db").exists());
}
