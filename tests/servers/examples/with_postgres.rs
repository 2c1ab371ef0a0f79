//! Runs a command beside a PostgreSQL server of its own, whose URL it finds in `DATABASE_URL`.

use std::{
    env,
    process::{Command, ExitCode},
};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((program, arguments)) = arguments.split_first() else {
        eprintln!("usage: with_postgres COMMAND [ARGUMENT]...");
        return ExitCode::from(2);
    };
    let server = servers::Postgres::start(&[]);
    let status = Command::new(program).args(arguments).env("DATABASE_URL", server.url()).status();
    drop(server);
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{program}: {error}");
            ExitCode::FAILURE
        }
    }
}
