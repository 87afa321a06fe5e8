//! Arguments in, exit code out; nothing else.

use std::process::ExitCode;

use clap::Parser;
use stanchion_loadtest::command_line::{Cli, EXIT_ASKED_WRONGLY};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[allow(clippy::print_stderr, reason = "this is where a person is told")]
fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            eprintln!("stanchion-loadtest: {fault:#}");
            ExitCode::from(EXIT_ASKED_WRONGLY)
        }
    }
}
