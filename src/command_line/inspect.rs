//! `stanchion inspect`: prints what a journal holds, record by record, for a person to read.

use std::io::{self, Write};
use std::ops::ControlFlow;

use clap::Args;

use super::place::Place;
use super::{Configured, EXIT_WELL};
use crate::clock::rfc3339;
use crate::journal::Record;

#[derive(Args)]
pub(super) struct Asked {
    /// The folder of the sale's journal, such as `data/demo`; or `redis:demo`, in the Redis of the
    /// settings.
    journal: Place,
    /// The first record to print.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// The last record to print.
    #[arg(long, default_value_t = u64::MAX)]
    until: u64,
    /// Only records that mention this text, such as `Confirmed` or a basket's number.
    #[arg(long)]
    only: Option<String>,
    #[command(flatten)]
    configured: Configured,
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let history = asked.journal.look(&asked.configured)?.history;
    let oldest = history.oldest()?;
    if let Some(snapshot) = history.snapshot()? {
        println!(
            "snapshot after record {} (epoch {}), {} bytes; the oldest record kept is {oldest}",
            snapshot.sequence,
            snapshot.epoch,
            snapshot.image.len()
        );
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut broken = None;
    history.read_from(asked.from.max(oldest), &mut |record| {
        let written = print(&mut out, asked, &record);
        if written.is_err() || record.sequence >= asked.until {
            broken = written.err();
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    match broken {
        // Whoever reads has seen enough: `inspect | head`.
        Some(fault) if fault.kind() == io::ErrorKind::BrokenPipe => {}
        Some(fault) => return Err(fault.into()),
        None => out.flush()?,
    }
    Ok(EXIT_WELL)
}

fn print(out: &mut impl Write, asked: &Asked, record: &Record) -> io::Result<()> {
    let Record { sequence, epoch, decided } = record;
    let line = match &decided.change {
        // A definition fills many screens; what it says stands in the sale's file.
        stanchion_domain::change::Change::Created(definition) => format!(
            "Created {{ sale: {:?}, performances: {} }}",
            definition.id,
            definition.performances.len()
        ),
        change => format!("{change:?}"),
    };
    if asked.only.as_ref().is_some_and(|wanted| !line.contains(wanted)) {
        return Ok(());
    }
    let wall = rfc3339(decided.now.wall).unwrap_or_default();
    let keyed = if decided.request.is_some() { " keyed" } else { "" };
    writeln!(out, "{sequence} e{epoch} {wall} t+{}ms{keyed} {line}", decided.now.sale.0)
}
