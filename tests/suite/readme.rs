//! The README: its length, and its program for SQLite, pasted into an empty project as a newcomer does it.
//! The program compiles, and identifies a visitor.

use std::{fs, path::Path, process::Command};

/// The blocks of this language.
fn blocks<'r>(readme: &'r str, language: &str) -> Vec<&'r str> {
    let start = format!("```{language}\n");
    readme.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

#[test]
fn the_readme_is_short() {
    let lines = readme().lines().count();
    assert!(
        lines <= 150,
        "the README has {lines} lines, more than 150: move some to the page they belong to"
    );
}

/// Returns the line of `Cargo.toml` for the dependency that a command adds. The crate is not published, so
/// its own is by path.
fn dependency(command: &str, root: &Path) -> String {
    let mut words = command.strip_prefix("cargo add ").unwrap().split(' ');
    let name = words.next().unwrap();
    let place = match name {
        "boostgpt-sso" => format!("path = {root:?}"),
        _ => "version = \"1\"".to_owned(),
    };
    assert_eq!(words.next(), Some("--features"), "{command}");
    let features: Vec<&str> = words.next().unwrap().split(',').collect();
    assert_eq!(words.next(), None, "{command}");
    format!("{name} = {{ {place}, features = {features:?} }}\n")
}

#[test]
fn a_newcomer_s_first_program_identifies_a_visitor() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = readme();
    let program =
        blocks(&readme, "rust,no_run").into_iter().find(|block| block.contains("SqliteStore::open"));
    let commands =
        blocks(&readme, "sh").into_iter().find(|block| block.contains("--features sqlite\n")).unwrap();

    // What this does in another way, because the crate is not published: everything else is run as it is.
    let (cargo, others): (Vec<&str>, Vec<&str>) =
        commands.lines().partition(|line| line.starts_with("cargo new ") || line.starts_with("cargo add "));
    let [create, add @ ..] = &cargo[..] else { panic!("no cargo new: {commands}") };
    assert!(create.starts_with("cargo new ") && create.contains(" && cd "), "{commands}");
    let after = readme.split_once(commands).unwrap().1.split("```").nth(1).unwrap();
    assert!(after.contains("`src/main.rs`") && after.contains("`cargo run`"), "{after}");

    let project = temp_dir::TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(project.path().join(name), text).unwrap();
    fs::create_dir(project.path().join("src")).unwrap();
    write("src/main.rs", program.unwrap());
    // The lock file is ours, so that nothing is looked up.
    let dependencies: String = add.iter().map(|command| dependency(command, root)).collect();
    let package = "[package]\nname = \"first\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n";
    write("Cargo.toml", &format!("{package}[dependencies]\n{dependencies}"));
    fs::copy(root.join("Cargo.lock"), project.path().join("Cargo.lock")).unwrap();
    for command in others {
        let done = Command::new("sh").args(["-c", command]).current_dir(project.path()).status().unwrap();
        assert!(done.success(), "{command}");
    }
    // Beside the other tests' files: most of the dependencies are compiled there already.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let run = || {
        let output = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--offline", "--target-dir"])
            .arg(target)
            .current_dir(project.path())
            .env_remove("DATABASE_URL")
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.starts_with("identified: "), "{out}{err}");
    };
    run();
    run(); // the file and the key are there now
}
