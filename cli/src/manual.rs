//! `completions` and `man`: both written from the definition of the arguments, so that they cannot disagree with it.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use crate::{answer::Answer, failure::Failure, terminal::Terminal};

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

impl Completions {
    pub(crate) fn run(self, mut command: clap::Command, terminal: &mut Terminal) -> Result<Answer, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "boostgpt-sso", &mut script);
        let mut script = String::from_utf8_lossy(&script).into_owned();
        if self.shell == Shell::Bash {
            // clap issue 6421: a hyphen in the program's name is spelled in two ways, and no command is completed.
            script = script.replace("boostgpt__subcmd__sso", "boostgpt__sso");
        }
        terminal.line(script.trim_end())?;
        Ok(Answer::Yes)
    }
}

impl Man {
    pub(crate) fn run(self, command: clap::Command, terminal: &mut Terminal) -> Result<Answer, Failure> {
        if let Some(folder) = self.into {
            clap_mangen::generate_to(command, folder).map_err(Failure::Pages)?;
            return Ok(Answer::Yes);
        }
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(Failure::Pages)?;
        terminal.line(String::from_utf8_lossy(&page).trim_end())?;
        Ok(Answer::Yes)
    }
}
