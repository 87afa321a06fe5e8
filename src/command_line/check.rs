//! `stanchion check`: every problem of configuration, sale and plan files at once, each with its
//! place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Configured, EXIT_REFUSED, EXIT_WELL};
use crate::files::gate::Gate;
use crate::files::problem::Problems;
use crate::files::{Mode, plan, sale};
use crate::journal::record;
use crate::page::look::Look;

#[derive(Args)]
pub(super) struct Asked {
    #[command(flatten)]
    configured: Configured,
    /// Sale files (TOML) and seat plans (JSON).
    files: Vec<PathBuf>,
    /// Repair what can safely be repaired, and say what was done.
    #[arg(long)]
    lenient: bool,
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let mode = if asked.lenient { Mode::Lenient } else { Mode::Strict };
    let mut files = asked.files.clone();
    let (mut wrong, mut gate, mut sales) = (false, None, BTreeSet::new());
    if asked.configured.config.is_some() || files.is_empty() {
        match asked.configured.load() {
            Ok(settings) => {
                println!("configuration: good, {} sales", settings.sales.len());
                gate = settings.gate;
                files.extend(settings.sales);
            }
            Err(mistakes) => {
                println!("{mistakes}");
                wrong = true;
            }
        }
    }
    for file in &files {
        wrong |= !check_file(file, mode, &mut sales);
    }
    if let Some(gate) = gate {
        wrong |= !check_gate(&gate, &sales);
    }
    Ok(if wrong { EXIT_REFUSED } else { EXIT_WELL })
}

/// Checks that the gate asks for passes of sales that there are.
fn check_gate(gate: &Gate, sales: &BTreeSet<String>) -> bool {
    match gate.check_sales(&sales.iter().map(String::as_str).collect()) {
        Ok(()) => {
            let proxy = if gate.origin.is_some() { "in front of a shop" } else { "for who asks" };
            println!("{}: good, {} rules, {proxy}", gate.file, gate.rules.len());
            true
        }
        Err(problems) => {
            println!("{problems}");
            false
        }
    }
}

/// Checks one file; says whether it is good.
fn check_file(file: &Path, mode: Mode, sales: &mut BTreeSet<String>) -> bool {
    let is_plan = file.extension().is_some_and(|extension| extension == "json");
    let found = if is_plan { check_plan(file, mode) } else { check_sale(file, mode, sales) };
    match found {
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
