//! `stanchion-loadtest run`: a scenario is played against a server, and a report written.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use clap::Args;

use super::progress::Progress;
use super::work::read_secret;
use super::{EXIT_ASKED_WRONGLY, runtime};
use crate::history::file;
use crate::night::{Night, Played, Worked};
use crate::report::page::page;
use crate::report::summary::Summary;
use crate::scenario::Scenario;
use crate::scenario::limits::{PACE_OF_LIFE, PEOPLE_MAX};
use crate::scenario::read::read;
use crate::web::descriptors;

#[derive(Args)]
pub(super) struct Asked {
    /// The scenario's file.
    scenario: PathBuf,
    /// Play it with so many people instead.
    #[arg(long)]
    people: Option<u32>,
    /// How many times faster than people the crowd lives; replaces what the scenario says.
    #[arg(long)]
    pace_of_life: Option<f64>,
    /// Replaces the scenario's seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Let a second server stand by the one that the harness starts, both on a Redis of the run's
    /// own: whenever the timeline kills the one that writes, the other one takes over.
    #[arg(long)]
    standby: bool,
    #[command(flatten)]
    target: TargetFlags,
    #[command(flatten)]
    workers: WorkerFlags,
    /// The folder for `report.html`, `report.json` and `history.jsonl`.
    #[arg(long, default_value = "loadtest-report")]
    out: PathBuf,
    /// Memory that what was told may take until it is checked, in MiB: beyond it, the run ends and
    /// says nothing. [default: a fifth of what this machine has free]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(..=1 << 30))]
    memory: Option<u64>,
    /// Say nothing while it runs.
    #[arg(long)]
    quiet: bool,
}

/// Where the server is: replaces what the scenario says.
#[derive(Args)]
pub(super) struct TargetFlags {
    /// A server that is running already, instead of one that the harness starts.
    #[arg(long)]
    url: Option<String>,
    /// Its ops interface.
    #[arg(long)]
    ops_url: Option<String>,
    /// The sale's id on it.
    #[arg(long)]
    sale: Option<String>,
    /// File with the shop's API key.
    #[arg(long)]
    api_key_file: Option<PathBuf>,
    /// File with a staff key of the ops interface.
    #[arg(long)]
    staff_key_file: Option<PathBuf>,
    /// PEM file with the authority that signed the server's certificate.
    #[arg(long)]
    authority_file: Option<PathBuf>,
    /// Where pages of the shop are asked for, behind the gate.
    #[arg(long)]
    gate_url: Option<String>,
    /// The program to start, where the harness starts one. [default: `stanchion` beside this one]
    #[arg(long)]
    server: Option<PathBuf>,
}

/// Who makes the requests.
#[derive(Args)]
pub(super) struct WorkerFlags {
    /// Worker processes on this machine.
    #[arg(long, default_value_t = 1)]
    processes: u32,
    /// Workers waiting elsewhere (`stanchion-loadtest work`), as host:port; instead of processes
    /// here.
    #[arg(long = "worker")]
    workers: Vec<String>,
    /// File with the secret that those workers have too.
    #[arg(long, requires = "workers")]
    secret_file: Option<PathBuf>,
}

pub(super) fn run(asked: Asked) -> anyhow::Result<u8> {
    let mut scenario = match read(&asked.scenario) {
        Ok(scenario) => scenario,
        Err(mistakes) => {
            eprintln!("{mistakes}");
            return Ok(EXIT_ASKED_WRONGLY);
        }
    };
    scenario.seed = asked.seed.unwrap_or(scenario.seed);
    scenario.pace_of_life = asked.pace_of_life.unwrap_or(scenario.pace_of_life);
    ensure!(
        PACE_OF_LIFE.contains(&scenario.pace_of_life),
        "--pace-of-life goes from {} to {}",
        PACE_OF_LIFE.start(),
        PACE_OF_LIFE.end()
    );
    if let Some(people) = asked.people {
        ensure!((1..=PEOPLE_MAX).contains(&people.into()), "--people goes from 1 to {PEOPLE_MAX}");
        scenario = scenario.with_people(people);
    }
    let server = asked.target.server.clone();
    asked.target.replace(&mut scenario);
    if asked.standby {
        scenario = scenario.with_standby().map_err(|why| anyhow!("--standby: {why}"))?;
    }
    let memory_bytes = asked.memory.map(|mebibytes| mebibytes << 20);
    let night = Night { scenario, server, worked: asked.workers.worked()?, memory_bytes };
    descriptors::raise()?;
    let mut progress = Progress::new(asked.quiet);
    let played = runtime()?.block_on(night.play(&mut |standing| progress.show(standing)));
    progress.clear();
    let played = played?;
    write(&asked.out, &played)?;
    print!("{}", Summary(&played.report));
    println!("{}", asked.out.join("report.html").display());
    Ok(played.report.outcome().exit_code())
}

impl TargetFlags {
    fn replace(self, scenario: &mut Scenario) {
        let target = &mut scenario.target;
        if self.url.is_some() {
            scenario.own = None;
            target.url = self.url;
        }
        target.ops_url = self.ops_url.or(target.ops_url.take());
        target.sale = self.sale.unwrap_or(std::mem::take(&mut target.sale));
        target.api_key_file = self.api_key_file.or(target.api_key_file.take());
        target.staff_key_file = self.staff_key_file.or(target.staff_key_file.take());
        target.authority_file = self.authority_file.or(target.authority_file.take());
        target.gate_url = self.gate_url.or(target.gate_url.take());
    }
}

impl WorkerFlags {
    pub(super) fn worked(&self) -> anyhow::Result<Worked> {
        if self.workers.is_empty() {
            return Ok(Worked::Here { processes: self.processes.max(1) });
        }
        let secret = self.secret_file.as_ref();
        let secret = read_secret(secret.context("name the workers' secret: --secret-file")?)?;
        Ok(Worked::Elsewhere { workers: self.workers.clone(), secret })
    }
}

/// Writes everything that is kept of a run.
pub(super) fn write(folder: &Path, played: &Played) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let at = |name: &str| folder.join(name);
    fs::write(at("report.html"), page(&played.report)?)?;
    fs::write(at("report.json"), serde_json::to_vec(&played.report)?)?;
    let mut history = BufWriter::new(File::create(at("history.jsonl"))?);
    file::write(&mut history, &played.history)?;
    history.flush()?;
    Ok(())
}
