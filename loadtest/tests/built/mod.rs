//! The programs that these tests start, as the workspace builds them.

use std::path::{Path, PathBuf};

/// The server's program, which has to be beside ours: `cargo build --workspace` makes both.
pub(crate) fn server() -> PathBuf {
    let ours = Path::new(env!("CARGO_BIN_EXE_stanchion-loadtest"));
    let server = ours.with_file_name("stanchion");
    assert!(
        server.is_file(),
        "no server at {}: build it with `cargo build --bin stanchion`, or test the workspace",
        server.display()
    );
    server
}
