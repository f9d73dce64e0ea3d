//! The limits a child puts on itself before it touches a byte of the file: resources first, then
//! what it may open, then what it may ask of the kernel. What the system lacks is left out and
//! reported, never a reason not to convert.

#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod syscalls;

use serde::{Deserialize, Serialize};

use crate::wire::{Caps, Request};

/// How far a child could lock itself in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct Sandbox {
    /// Limits of memory, processor time, file size and open files.
    pub resources: Enforcement,
    /// Only the inputs and fonts can be read, only the output folder written (landlock).
    pub files: Enforcement,
    /// No sockets, no programs, no looking at other processes (seccomp).
    pub system_calls: Enforcement,
}

/// How much of a protection is in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enforcement {
    /// All of it.
    Full,
    /// What this system knows of it.
    Partial,
    /// Nothing: the system does not have it.
    None,
}

impl Sandbox {
    /// Whether every protection is in place, at least as far as this system knows it.
    pub fn is_complete(self) -> bool {
        [self.resources, self.files, self.system_calls].iter().all(|one| *one != Enforcement::None)
    }
}

/// Locks this process in. Call before any thread is started: threads inherit, none is caught up.
pub(crate) fn enter(request: &Request) -> Sandbox {
    Sandbox {
        resources: limit_resources(&request.caps),
        files: limit_files(request),
        system_calls: limit_system_calls(),
    }
}

/// What a child of this process could do, without doing it.
pub fn probe() -> Sandbox {
    #[cfg(target_os = "linux")]
    let (files, system_calls) = (files::probe(), syscalls::probe());
    #[cfg(not(target_os = "linux"))]
    let (files, system_calls) = (Enforcement::None, Enforcement::None);
    let resources = if cfg!(unix) { Enforcement::Full } else { Enforcement::None };
    Sandbox { resources, files, system_calls }
}

#[cfg(unix)]
fn limit_resources(caps: &Caps) -> Enforcement {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// Room for mapped files (the binary, fonts) and address space that is reserved, not used.
    const MAPPED_BYTES: u64 = 2 << 30;

    // Of the cap an eighth is left for what `Data` does not count: the stack, and the pages of
    // mapped files that are resident.
    let mut limits = vec![
        (Resource::As, caps.memory_bytes.saturating_add(MAPPED_BYTES)),
        (Resource::Data, caps.memory_bytes / 8 * 7),
        (Resource::Cpu, caps.cpu_seconds),
        (Resource::Fsize, caps.file_bytes),
        (Resource::Nofile, caps.open_files),
        (Resource::Core, 0),
    ];
    if cfg!(target_os = "macos") {
        // That system refuses both limits of memory.
        limits.drain(..2);
    }
    let mut all = !cfg!(target_os = "macos");
    for (resource, wanted) in limits {
        let most = getrlimit(resource).maximum.map_or(wanted, |most| most.min(wanted));
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        all &= setrlimit(resource, limit).is_ok();
    }
    if all { Enforcement::Full } else { Enforcement::Partial }
}

#[cfg(not(unix))]
fn limit_resources(_: &Caps) -> Enforcement {
    Enforcement::None
}

#[cfg(target_os = "linux")]
use files::limit_files;
#[cfg(target_os = "linux")]
use syscalls::limit_system_calls;

#[cfg(not(target_os = "linux"))]
fn limit_files(_: &Request) -> Enforcement {
    Enforcement::None
}

#[cfg(not(target_os = "linux"))]
fn limit_system_calls() -> Enforcement {
    Enforcement::None
}
