//! Takes the program for PostgreSQL out of the README, for `examples/readme_postgres.rs`.

use std::{env, fs, path::Path};

fn main() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    println!("cargo::rerun-if-changed={}", readme.display());
    let text = fs::read_to_string(readme).expect("the README is there");
    let mut blocks = text.split("```rust,no_run\n").skip(1).filter_map(|rest| rest.split("```").next());
    let program = blocks.find(|block| block.contains("PostgresStore::connect"));
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(
        Path::new(&folder).join("readme_postgres.rs"),
        program.expect("the README has a program for PostgreSQL"),
    )
    .expect("the folder for output can be written to");
}
