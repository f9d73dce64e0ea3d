//! What a child may open: its inputs and fonts to read, its output folder to write, nothing else,
//! and no TCP port (landlock).

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, path_beneath_rules,
};

use super::Enforcement;
use crate::wire::Request;

/// The newest rules asked for; an older kernel enforces those it knows.
const RULES: ABI = ABI::V5;

/// Where systems keep fonts and what describes them.
const FONT_FOLDERS: [&str; 4] =
    ["/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts", "/usr/share/fontconfig"];

/// Folders below the home folder where people keep fonts.
const OWN_FONT_FOLDERS: [&str; 2] = [".fonts", ".local/share/fonts"];

pub(super) fn limit_files(request: &Request) -> Enforcement {
    match restrict(request) {
        Ok(RulesetStatus::FullyEnforced) => Enforcement::Full,
        Ok(RulesetStatus::PartiallyEnforced) => Enforcement::Partial,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Enforcement::None,
    }
}

pub(super) fn probe() -> Enforcement {
    let known = |version| {
        Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(version))
            .and_then(Ruleset::create)
            .is_ok()
    };
    if known(RULES) {
        Enforcement::Full
    } else if known(ABI::V1) {
        Enforcement::Partial
    } else {
        Enforcement::None
    }
}

fn restrict(request: &Request) -> Result<RulesetStatus, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    // No links and no devices: the parent opens what it finds in this folder.
    let write: BitFlags<AccessFs> = read
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir;
    let mut readable: Vec<PathBuf> = request.work.inputs().into_iter().map(PathBuf::from).collect();
    readable.extend(FONT_FOLDERS.iter().map(PathBuf::from));
    readable.extend(request.font_directories.iter().cloned());
    if let Some(home) = std::env::var_os("HOME") {
        readable.extend(OWN_FONT_FOLDERS.iter().map(|folder| PathBuf::from(&home).join(folder)));
    }
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::from_all(RULES))?
        .create()?
        .add_rules(path_beneath_rules(readable, read))?
        .add_rules(path_beneath_rules([&request.out], write))?
        .restrict_self()?;
    Ok(status.ruleset)
}
