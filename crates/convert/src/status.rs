//! How much memory a process has used, as Linux tells it in `/proc`.

use std::fs::File;
use std::io::{Read, Seek};

/// The status file of this very process, opened before a sandbox forbids it.
#[derive(Debug)]
pub(crate) struct OwnStatus(Option<File>);

impl OwnStatus {
    /// Opens it, where there is one.
    pub(crate) fn open() -> Self {
        Self(File::open("/proc/self/status").ok())
    }

    /// Most memory that was resident at a time, bytes; 0 where the system does not say.
    pub(crate) fn peak_memory_bytes(&mut self) -> u64 {
        let Some(file) = &mut self.0 else { return 0 };
        let mut text = String::new();
        match file.rewind().and_then(|()| file.read_to_string(&mut text)) {
            Ok(_) => peak_in(&text),
            Err(_) => 0,
        }
    }
}

/// Most memory process `id` had resident at a time, bytes; 0 where the system does not say.
pub(crate) fn peak_memory_bytes(id: u32) -> u64 {
    std::fs::read_to_string(format!("/proc/{id}/status")).map_or(0, |text| peak_in(&text))
}

fn peak_in(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|kilobytes| kilobytes.trim().parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_found() {
        assert_eq!(peak_in("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), 2 << 20);
        assert_eq!(peak_in("Name:\tx\nVmHWM: lots\n"), 0);
    }
}
