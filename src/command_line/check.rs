//! `stanchion check`: every problem of configuration, sale and plan files at once, each with its
//! place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::{Configured, EXIT_REFUSED, EXIT_WELL};
use crate::files::gate::{self, Gate};
use crate::files::kind::{FileKind, kind_of};
use crate::files::problem::Problems;
use crate::files::{Mode, plan, sale, text_of};
use crate::journal::record;
use crate::page::look::Look;

#[derive(Args)]
pub(super) struct Asked {
    #[command(flatten)]
    configured: Configured,
    /// Sale files and gate files (TOML), and seat plans (JSON).
    files: Vec<PathBuf>,
    /// Repair what can safely be repaired, and say what was done.
    #[arg(long)]
    lenient: bool,
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let mode = if asked.lenient { Mode::Lenient } else { Mode::Strict };
    let mut files = asked.files.clone();
    let (mut wrong, mut found) = (false, Found::default());
    if asked.configured.config.is_some() || files.is_empty() {
        match asked.configured.load() {
            Ok(settings) => {
                println!("configuration: good, {} sales", settings.sales.len());
                found.gates.extend(settings.gate);
                found.served = true;
                files.extend(settings.sales);
            }
            Err(mistakes) => {
                println!("{mistakes}");
                wrong = true;
            }
        }
    }
    for file in &files {
        wrong |= !check_file(file, mode, &mut found);
    }
    for gate in &found.gates {
        wrong |= !check_gate(gate, &found);
    }
    Ok(if wrong { EXIT_REFUSED } else { EXIT_WELL })
}

/// What is held against one another once every file was read.
#[derive(Default)]
struct Found {
    /// The ids of the sales.
    sales: BTreeSet<String>,
    gates: Vec<Arc<Gate>>,
    /// The settings say that these sales are served, and no others.
    served: bool,
}

/// Checks that the gate asks for passes of sales that there are, if it is known which there are.
fn check_gate(gate: &Gate, found: &Found) -> bool {
    let known = found.served || !found.sales.is_empty();
    let served = found.sales.iter().map(String::as_str).collect();
    match if known { gate.check_sales(&served) } else { Ok(()) } {
        Ok(()) => {
            let proxy = if gate.origin.is_some() { "in front of a shop" } else { "for who asks" };
            println!("{}: good, {} rules, {proxy}", gate.file, gate.rules.len());
            if !known {
                println!("{}: name its sale files, too, to have them compared", gate.file);
            }
            true
        }
        Err(problems) => {
            println!("{problems}");
            false
        }
    }
}

/// Checks one file; says whether it is good.
fn check_file(file: &Path, mode: Mode, found: &mut Found) -> bool {
    let is_plan = file.extension().is_some_and(|extension| extension == "json");
    let checked = match text_of(file).map(|text| kind_of(&text)) {
        _ if is_plan => check_plan(file, mode),
        Ok(FileKind::Gate) => match gate::load(file) {
            Ok(gate) => {
                // It is told of with the others, once all sales are known.
                found.gates.push(Arc::new(gate));
                return true;
            }
            Err(problems) => Err(problems),
        },
        Ok(FileKind::Settings) => {
            Err(elsewhere(file, "has settings of a server", "check it with --config"))
        }
        Ok(FileKind::Scenario) => {
            Err(elsewhere(file, "is a scenario", "give it to stanchion-loadtest"))
        }
        // What cannot be read, the sale's reader says as well.
        Ok(FileKind::Sale) | Err(_) => check_sale(file, mode, &mut found.sales),
    };
    match checked {
        Ok((summary, remarks)) => {
            println!("{}: good, {summary}", file.display());
            if !remarks.is_empty() {
                println!("{remarks}");
            }
            true
        }
        Err(problems) => {
            println!("{problems}");
            false
        }
    }
}

fn elsewhere(file: &Path, wrong: &str, remedy: &str) -> Problems {
    Problems::of_file(&file.display().to_string(), wrong, remedy)
}

fn check_plan(file: &Path, mode: Mode) -> Result<(String, Problems), Problems> {
    let imported = plan::read(file, mode)?;
    let summary = format!(
        "{:?} plan of {} seats in {} rows, {} sections, {} pools",
        imported.format,
        imported.plan.seats.len(),
        imported.plan.rows.len(),
        imported.plan.sections.len(),
        imported.pools.len(),
    );
    Ok((summary, imported.remarks))
}

fn check_sale(
    file: &Path,
    mode: Mode,
    sales: &mut BTreeSet<String>,
) -> Result<(String, Problems), Problems> {
    let loaded = sale::load(file, mode)?;
    sales.insert(loaded.definition.id.clone());
    if let Err(fault) = record::check_definition(&loaded.definition) {
        let remedy = "use fewer or smaller seat plans";
        return Err(Problems::of_file(&file.display().to_string(), fault.to_string(), remedy));
    }
    Look::new(loaded.theme, &loaded.definition.id)?;
    let (id, performances) = (&loaded.definition.id, loaded.definition.performances.len());
    if loaded.definition.mirrored() {
        let keeper = "the venue's own system keeps the seats";
        let summary = format!("sale \"{id}\" of {performances} performances; {keeper}");
        return Ok((summary, loaded.remarks));
    }
    let stock = stanchion_domain::inventory::stock::Stock::new(&loaded.definition);
    let total = stock.total();
    let summary = format!(
        "sale \"{id}\" of {performances} performances, {} units, {} of them withheld",
        total.capacity, total.withheld,
    );
    Ok((summary, loaded.remarks))
}
