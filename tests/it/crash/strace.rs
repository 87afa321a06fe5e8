//! Makes system calls of a running server fail or slow, by strace.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::night::server::{BOUND, Server, Site};

/// A tracer at work. Detaches when dropped; the server goes on.
pub(super) struct Strace {
    child: Child,
    out: PathBuf,
}

impl Strace {
    /// Does this to every `fdatasync` of the server from now on, as `-e inject=` says it.
    pub(super) fn inject(site: &Site, server: &Server, how: &str) -> Self {
        let out = site.file("strace");
        let _ = fs::remove_file(&out);
        let child = Command::new("strace")
            .args(["-f", "-ttt", "-qq", "-e", "trace=fdatasync", "-e"])
            .arg(format!("inject=fdatasync:{how}"))
            .arg("-o")
            .arg(&out)
            .args(["-p", &server.pid().to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("strace is installed: scripts/install-deps.sh installs it");
        let strace = Self { child, out };
        strace.wait_until_attached(server.pid());
        strace
    }

    /// When the first call was made to fail, in seconds since 1970, once it was.
    pub(super) fn failed_at(&self) -> Option<f64> {
        let text = fs::read_to_string(&self.out).unwrap_or_default();
        let line = text.lines().find(|line| line.contains("EIO"))?;
        // A call that other threads interrupted in the trace began on an earlier line.
        let thread = line.split_whitespace().next()?;
        let begun = text.lines().filter(|other| other.split_whitespace().next() == Some(thread));
        let begun = begun.take_while(|other| *other != line);
        let unfinished = begun.filter(|other| other.contains("<unfinished")).last();
        let at = if line.contains("resumed") { unfinished? } else { line };
        at.split_whitespace().nth(1)?.parse().ok()
    }

    /// Calls that were traced.
    pub(super) fn calls(&self) -> usize {
        let text = fs::read_to_string(&self.out).unwrap_or_default();
        text.lines().filter(|line| line.contains("fdatasync(")).count()
    }

    fn wait_until_attached(&self, pid: u32) {
        let begun = Instant::now();
        while !attached(pid).unwrap_or_default() {
            assert!(begun.elapsed() < BOUND, "strace does not attach to {pid}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Whether every thread of a process is traced.
fn attached(pid: u32) -> std::io::Result<bool> {
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let status = fs::read_to_string(thread?.path().join("status"))?;
        if status.contains("TracerPid:\t0\n") {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Drop for Strace {
    fn drop(&mut self) {
        // Asked kindly, it lets go of the server.
        let kindly = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let gone = kindly.and_then(|_| self.child.wait());
        gone.expect("strace is our child");
    }
}
