//! What a load tester types.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where a person is told")]

mod check;
mod compare;
mod play;
mod progress;
mod rehearse;
mod work;

use clap::{Parser, Subcommand};

/// What was asked for cannot be done: a mistake in a file, a server that is not there.
pub const EXIT_ASKED_WRONGLY: u8 = 64;

/// Virtual visitors for an on-sale night, and checks of what they were told.
#[derive(Parser)]
#[command(name = "stanchion-loadtest", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    asked: Asked,
}

#[derive(Subcommand)]
enum Asked {
    /// Play a scenario, check what was told, and write a report.
    ///
    /// Exit codes: 0 all well, 1 promises kept but a threshold not reached, 2 the harness could not
    /// keep up and nothing is said, 3 a promise was broken, 64 it could not be played.
    Run(Box<play::Asked>),
    /// Rehearse a sale on this machine: its ceiling, the cap and the pace to set, go or no-go.
    Rehearse(rehearse::Asked),
    /// Read scenarios and say every mistake in them.
    Check(check::Asked),
    /// Two reports side by side.
    Compare(compare::Asked),
    /// Wait for a coordinator elsewhere, and live its visitors.
    Work(work::Asked),
}

impl Cli {
    /// Does what was asked; the exit code.
    ///
    /// # Errors
    /// What is in the way, for a person.
    pub fn run(self) -> anyhow::Result<u8> {
        match self.asked {
            Asked::Run(asked) => play::run(*asked),
            Asked::Rehearse(asked) => rehearse::run(asked),
            Asked::Check(asked) => Ok(check::run(&asked)),
            Asked::Compare(asked) => compare::run(&asked),
            Asked::Work(asked) => work::run(&asked),
        }
    }
}

/// The threads that make requests.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
