//! What can be typed: each command in a file of its own; this one has the words and their help.
//!
//! The only part that prints. Everything it prints is for a person; exit codes are for machines.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

mod apply;
mod check;
mod copy;
pub mod demo;
mod doctor;
mod inspect;
mod keys;
mod place;
mod serve;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Everything went well.
pub const EXIT_WELL: u8 = 0;
/// What was checked is wrong, or what was asked was refused.
pub const EXIT_REFUSED: u8 = 1;
/// The command itself makes no sense; clap uses it too.
pub const EXIT_USAGE: u8 = 2;
/// The journal failed for good: start again, and it recovers from what is on disk.
pub const EXIT_JOURNAL: u8 = 74;

/// The rope line for a big on-sale night.
#[derive(Parser)]
#[command(version, about, long_about = None)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the sales of a configuration.
    Serve(serve::Asked),
    /// Start a sale that opens in a few seconds, with a crowd that queues and buys.
    Demo(demo::Asked),
    /// Check a configuration, sale files and seat plans; list every problem with its place.
    Check(check::Asked),
    /// Show how a changed sale file differs from the running sale, and apply it.
    Apply(apply::Asked),
    /// Check a journal and every promise, offline.
    Verify(verify::Asked),
    /// Print what a journal holds.
    Inspect(inspect::Asked),
    /// Copy a sale's journal to another backend, and prove that it arrived.
    Copy(copy::Asked),
    /// Make the keys of shops and staff, rotate those that sign tokens.
    Keys(keys::Asked),
    /// Ask a connected shop as a stranger would, and say what is still open.
    Doctor(doctor::Asked),
}

/// Where settings come from.
#[derive(Args, Clone)]
pub struct Configured {
    /// The configuration file (TOML). Without it, the built-in defaults.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A setting that overrides file and environment; may be given several times.
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
}

/// Reads the arguments of the process and does what they say.
pub fn run() -> ExitCode {
    let done = match Line::parse().command {
        Command::Serve(asked) => serve::run(&asked),
        Command::Demo(asked) => demo::run(&asked),
        Command::Check(asked) => check::run(&asked),
        Command::Apply(asked) => apply::run(&asked),
        Command::Verify(asked) => verify::run(&asked),
        Command::Inspect(asked) => inspect::run(&asked),
        Command::Copy(asked) => copy::run(&asked),
        Command::Keys(asked) => keys::run(&asked),
        Command::Doctor(asked) => doctor::run(&asked),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            eprintln!("stanchion: {fault:#}");
            ExitCode::from(EXIT_REFUSED)
        }
    }
}

impl Configured {
    /// The settings, or all mistakes at once.
    fn load(&self) -> anyhow::Result<crate::config::Settings> {
        let sources = crate::config::Sources {
            file: self.config.clone(),
            environment: std::env::vars().collect(),
            flags: self.set.clone(),
        };
        Ok(crate::config::load(&sources)?)
    }
}
