//! The README's program for PostgreSQL, to the letter: `build.rs` takes it from there. The test
//! `the_program_of_the_readme_opens_a_store` runs it.

include!(concat!(env!("OUT_DIR"), "/readme_postgres.rs"));
