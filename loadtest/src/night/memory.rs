//! How much memory what was told may take.
//!
//! The checks look at everything that anybody was told at once, so the coordinator keeps it until
//! the end. A night that is too large for that has to be told so while there is still something to
//! change, and must not end by the kernel's hand.

use std::fs;

/// Of the memory that is free when a run begins, this part may be taken by what was told: sorting
/// it takes half as much for a moment, growing it as much again, and the checks gather about as
/// much; what is left is for the server and the workers of the same machine.
const PART: u64 = 5;

/// Memory of the coordinator, and how far it may grow.
#[derive(Clone, Copy, Default, Debug)]
pub struct Memory {
    /// Resident bytes at most; nothing is known where there is no `/proc`.
    bytes_max: Option<u64>,
}

impl Memory {
    /// So many bytes for what was told, or a [`PART`]th of what this machine has free.
    pub(super) fn new(asked_bytes: Option<u64>) -> Self {
        let part = || Some(available()? / PART);
        let room = asked_bytes.or_else(part);
        Self { bytes_max: room.zip(resident()).map(|(room, resident)| room + resident) }
    }

    /// How much of it is used, from 0 to 1 and above.
    pub(super) fn share(self) -> f64 {
        let used = self.bytes_max.zip(resident());
        used.map_or(0.0, |(most, used)| used as f64 / most as f64)
    }

    /// Why a run that needed more says nothing.
    pub(super) fn passed(self, told: u64) -> String {
        let mebibytes = self.bytes_max.unwrap_or(0) >> 20;
        format!(
            "what was told no longer fitted into {mebibytes} MiB of memory after {told} entries: \
             the night was ended and nothing of it checked; play it with fewer people or for a \
             shorter time, coordinate it from a machine with more memory, or allow more with \
             --memory"
        )
    }
}

/// The most memory that a process had resident, in bytes.
pub(super) fn most_of(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    kibibytes(&text, "VmHWM:")
}

/// Resident bytes of this process.
fn resident() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    kibibytes(&text, "VmRSS:")
}

/// Bytes that this machine has free, or would free for us.
fn available() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    kibibytes(&text, "MemAvailable:")
}

/// The bytes behind a name, given in kB, which are KiB.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_by_what_was_asked_for_or_by_the_machine() {
        let (none, some) = (Memory::new(Some(0)), Memory::new(None));
        let held = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(none.share() > 1.0, "{none:?}");
        assert!(some.share() > 0.0 && some.bytes_max.is_some_and(|most| most > 0), "{some:?}");
        assert!(none.passed(7).contains("after 7 entries"), "{}", none.passed(held.len() as u64));
    }

    #[test]
    fn kibibytes_are_found_by_their_name() {
        let text = "VmHWM:\t    10 kB\nVmRSS:\t  2048 kB\n";
        assert_eq!(kibibytes(text, "VmRSS:"), Some(2 << 20));
        assert_eq!(kibibytes(text, "VmSwap:"), None);
    }
}
