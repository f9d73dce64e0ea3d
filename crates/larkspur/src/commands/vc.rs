//! `larkspur vc`: where meetings come from.

mod load;
mod sample;

use clap::{Args, Subcommand};

use crate::trouble::Attempt;

/// Load meetings that were held, or make some up
#[derive(Debug, Args)]
pub(super) struct Vc {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Load(load::Load),
    Sample(sample::Sample),
}

impl Vc {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Load(load) => load.run(),
            Action::Sample(sample) => sample.run(),
        }
    }
}
