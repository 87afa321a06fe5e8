//! What operators copy from `deploy`, judged by the programs that read it.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn systemd_reads_the_units_and_finds_the_service_well_confined() {
    let folder = tempfile::tempdir().expect("a folder");
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/systemd");
    for name in ["stanchion.service", "stanchion.socket"] {
        let text = fs::read_to_string(units.join(name)).expect("a unit");
        // The program has to be there to be started.
        let text = text.replace("/usr/local/bin/stanchion", env!("CARGO_BIN_EXE_stanchion"));
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let run = |arguments: &[&str]| {
        let mut analyze = Command::new("systemd-analyze");
        let done = analyze.args(arguments).current_dir(folder.path()).output();
        let done = done.expect("systemd-analyze is there: `make deps` installs it");
        let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        assert!(done.status.success(), "{arguments:?}: {said}");
        said
    };
    assert_eq!(run(&["verify", "./stanchion.service", "./stanchion.socket"]), "");
    // Of ten; what asks for nothing has 9.6.
    run(&["security", "--offline=true", "--threshold=15", "./stanchion.service"]);
}
