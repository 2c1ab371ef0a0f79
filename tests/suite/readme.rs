//! The README's program for SQLite, pasted into an empty project as a newcomer does it: it compiles, and
//! identifies a visitor.

use std::{fs, path::Path, process::Command};

/// The blocks of this language.
fn blocks<'r>(readme: &'r str, language: &str) -> Vec<&'r str> {
    let start = format!("```{language}\n");
    readme.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn a_newcomer_s_first_program_identifies_a_visitor() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let program =
        blocks(&readme, "rust,no_run").into_iter().find(|block| block.contains("SqliteStore::open"));
    let commands =
        blocks(&readme, "sh").into_iter().find(|block| block.contains("--features sqlite\n")).unwrap();

    let project = temp_dir::TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(project.path().join(name), text).unwrap();
    fs::create_dir(project.path().join("src")).unwrap();
    write("src/main.rs", program.unwrap());
    // The crate is not published: what `cargo add` would write, by path. The lock file is ours, so that
    // nothing is looked up.
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"first\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
            [dependencies]\nboostgpt-sso = {{ path = {root:?}, features = [\"sqlite\"] }}\n\
            tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n"
        ),
    );
    fs::copy(root.join("Cargo.lock"), project.path().join("Cargo.lock")).unwrap();
    for command in commands.lines().filter(|line| !line.starts_with("cargo add ")) {
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
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.starts_with("identified: "), "{out}{err}");
    };
    run();
    run(); // the file and the key are there now
}
