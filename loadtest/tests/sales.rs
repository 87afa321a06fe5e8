//! The sale files of the shipped scenarios, as the server itself sees them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The server beside this test, as the workspace builds it.
fn server() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its program");
    let folder = test.parent().and_then(Path::parent).expect("tests are below the build's folder");
    let server = folder.join("stanchion");
    assert!(server.is_file(), "build the server first: cargo build --bin stanchion");
    server
}

#[test]
fn the_server_takes_every_sale_of_a_shipped_scenario() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/sales");
    let entries = std::fs::read_dir(folder).expect("there is a folder of sales");
    let sales: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    assert_eq!(sales.len(), 10);
    let checked = Command::new(server()).arg("check").args(&sales).output();
    let checked = checked.expect("the server can be started");
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{}{said}", String::from_utf8_lossy(&checked.stdout));
}
