//! The units of systemd, judged by systemd.

use std::fs;
use std::process::Command;

use super::{content, text};

#[test]
fn systemd_reads_the_units_and_finds_the_service_well_confined() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["stanchion.service", "stanchion.socket"] {
        let text = text(&format!("systemd/{name}"));
        // The program has to be there to be started.
        let text = text.replace("/usr/local/bin/stanchion", env!("CARGO_BIN_EXE_stanchion"));
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let run = |arguments: &[&str]| {
        content(Command::new("systemd-analyze").args(arguments).current_dir(folder.path()))
    };
    assert_eq!(run(&["verify", "./stanchion.service", "./stanchion.socket"]), "");
    // Of ten; what asks for nothing has 9.6.
    run(&["security", "--offline=true", "--threshold=15", "./stanchion.service"]);
}
