//! `stanchion-loadtest check`: scenarios are read, and every mistake is said.

use std::path::PathBuf;

use clap::Args;

use super::EXIT_ASKED_WRONGLY;
use crate::scenario::read::read;
use crate::scenario::waves;

#[derive(Args)]
pub(super) struct Asked {
    /// Scenario files.
    #[arg(required = true)]
    scenarios: Vec<PathBuf>,
}

pub(super) fn run(asked: &Asked) -> u8 {
    let mut code = 0;
    for path in &asked.scenarios {
        match read(path) {
            Ok(scenario) => {
                let people = waves::people(&scenario.arrivals);
                let span = scenario.as_played().span_max;
                println!("{}: good, {people} people, at most {span:?}", path.display());
            }
            Err(mistakes) => {
                eprintln!("{mistakes}");
                code = EXIT_ASKED_WRONGLY;
            }
        }
    }
    code
}
