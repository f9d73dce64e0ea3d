//! `larkspur completions`: a script that completes commands and flags in a shell.

use clap::{Args, CommandFactory};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur completions bash > ~/.local/share/bash-completion/completions/larkspur
  larkspur completions zsh > ~/.zfunc/_larkspur
  larkspur completions fish > ~/.config/fish/completions/larkspur.fish")]
pub(super) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(self) {
        let mut command = super::Arguments::command();
        clap_complete::generate(self.shell, &mut command, "larkspur", &mut std::io::stdout());
    }
}
