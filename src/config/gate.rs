//! The section of the gate: a file of its own, whose mistakes are told with all others.

use std::sync::Arc;

use super::Mistake;
use super::reader::Reader;
use crate::files::gate::{self, Gate};
use crate::files::problem::Problem;

/// The gate file, if one is named; `None` if it is wrong, with a mistake for each problem in it.
pub(super) fn gate(reader: &mut Reader) -> Option<Option<Arc<Gate>>> {
    let Some(file) = reader.path("gate.file") else { return Some(None) };
    match gate::load(&file) {
        Ok(gate) => Some(Some(Arc::new(gate))),
        Err(problems) => {
            let more = problems.more;
            problems.listed.into_iter().for_each(|problem| reader.mistaken(mistake(problem)));
            if more > 0 {
                reader.wrong("gate.file", format!("has {more} mistakes more"));
            }
            None
        }
    }
}

fn mistake(problem: Problem) -> Mistake {
    let place = match problem.position {
        Some((line, column)) => format!("{}:{line}:{column}", problem.file),
        None => problem.file,
    };
    Mistake { place, key: problem.path, wrong: format!("{}; {}", problem.wrong, problem.remedy) }
}
