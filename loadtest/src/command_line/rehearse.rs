//! `stanchion-loadtest rehearse`: from a sale file to a go / no-go sheet.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;

use super::progress::Progress;
use super::runtime;
use crate::rehearse::Rehearsal;
use crate::web::descriptors;

#[derive(Args)]
pub(super) struct Asked {
    /// The sale file, as it will be served.
    #[arg(long)]
    sale: PathBuf,
    /// People who are expected.
    #[arg(long)]
    people: u32,
    /// How many times faster than people the crowd lives, and the sale's spans run.
    #[arg(long, default_value_t = 20.0)]
    pace_of_life: f64,
    /// A page of the venue's site, which is then asked for in rising numbers: only a site that you
    /// may load.
    #[arg(long)]
    origin: Option<String>,
    /// Pages that a visitor loads there, from the first to the order.
    #[arg(long, default_value_t = 12)]
    pages_per_visit: u32,
    /// The program to start. [default: `stanchion` beside this one]
    #[arg(long)]
    server: Option<PathBuf>,
    /// The folder for a report of each night.
    #[arg(long, default_value = "loadtest-rehearsal")]
    out: PathBuf,
    /// Say nothing while it runs.
    #[arg(long)]
    quiet: bool,
}

/// 0 for go, 1 for no-go.
pub(super) fn run(asked: Asked) -> anyhow::Result<u8> {
    ensure!(
        asked.pace_of_life.is_finite() && (1.0..=100.0).contains(&asked.pace_of_life),
        "--pace-of-life goes from 1 to 100"
    );
    descriptors::raise()?;
    let mut progress = Progress::new(asked.quiet);
    let rehearsal = Rehearsal {
        sale: asked.sale,
        people: asked.people,
        server: asked.server,
        pace_of_life: asked.pace_of_life,
        origin: asked.origin,
        pages_per_visit: asked.pages_per_visit,
        out: asked.out,
    };
    let mut tell = |what: &str, standing: Option<&_>| match standing {
        Some(standing) => progress.show(standing),
        None => progress.begin(what),
    };
    let sheet = runtime()?.block_on(rehearsal.rehearse(&mut tell));
    progress.clear();
    let sheet = sheet?;
    print!("{sheet}");
    println!("reports of the nights are in {}", rehearsal.out.display());
    Ok(u8::from(!sheet.go()))
}
