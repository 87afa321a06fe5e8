//! Disks of a test's own: what is mounted over a folder, and power that is cut.
//!
//! Owns what it mounts, and takes it away again.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::server::run;

/// A device for some data: what was not synced is lost with the power.
const DEVICE_MIB: u64 = 96;
/// Shuts ext4 down without writing its log: EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH.
const CUT: &str = "import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";

/// Something mounted over a folder; unmounted when dropped.
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// Mounts over a folder.
    ///
    /// # Errors
    /// What `mount` said.
    pub(crate) fn over(folder: PathBuf, arguments: &[&str]) -> Result<Self, String> {
        run(Command::new("mount").args(arguments).arg(&folder))?;
        Ok(Self(folder))
    }

    /// Mounts a device in a file over a folder.
    ///
    /// # Errors
    /// What `mount` said.
    pub(crate) fn device(folder: PathBuf, device: &Path) -> Result<Self, String> {
        Self::over(folder, &["-o", "loop", device.to_str().expect("a text")])
    }

    /// Cuts the power of the device: nothing that was not synced comes to it any more.
    pub(crate) fn cut_power(&self) {
        run(Command::new("python3").args(["-c", CUT]).arg(&self.0)).expect("the power is cut");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if let Err(fault) = run(Command::new("umount").arg("-l").arg(&self.0)) {
            eprintln!("{} stays mounted: {fault}", self.0.display());
        }
    }
}

/// Makes a device with an empty file system in a file.
///
/// # Errors
/// What `mkfs.ext4` said.
pub(crate) fn make_device(at: &Path) -> Result<(), String> {
    File::create(at).and_then(|file| file.set_len(DEVICE_MIB << 20)).expect("a file, and room");
    run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(at))
}
