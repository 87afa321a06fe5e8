//! `stanchion serve`: serves the sales of a configuration until it is told to stop.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{Configured, EXIT_JOURNAL, EXIT_WELL};
use crate::api::state::Premises;
use crate::app::{App, Offered};
use crate::engine::committer::Fatal;
use crate::files::{Mode, sale};
use crate::page::look::Look;
use crate::trace;

#[derive(Args)]
pub(super) struct Asked {
    #[command(flatten)]
    configured: Configured,
    /// Stop when the input ends, too: with whoever started it, however that ends.
    #[arg(long, hide = true)]
    until_input_ends: bool,
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let settings = asked.configured.load()?;
    trace::start(&settings.log)?;
    let mut sales = Vec::new();
    for file in &settings.sales {
        let loaded = sale::load(file, Mode::Strict)?;
        let look = Arc::new(Look::new(loaded.theme, &loaded.definition.id)?);
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        let definition = Arc::new(loaded.definition);
        sales.push(Offered { definition, premises: Premises { folder, look } });
    }
    anyhow::ensure!(!sales.is_empty(), "no sale to serve: name sale files in `sales`");
    let runtime = runtime()?;
    // Sockets are made inside it.
    let inside = runtime.enter();
    let app = App::build(settings, sales, &fatal())?;
    drop(inside);
    // At once: whoever reads where to ask may stop reading then.
    print!("{}", addresses(&app));
    let stop = CancellationToken::new();
    if asked.until_input_ends {
        let stop = stop.clone();
        std::thread::spawn(move || {
            // What is said there is nobody's business, and a fault is an end, too.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            stop.cancel();
        });
    }
    runtime.block_on(serve(app, stop))
}

/// Where it can be reached, and by whom first.
fn addresses(app: &App) -> String {
    let [public, ops] = app.addresses();
    let told = format!("public   {public}\nops      {ops}\n");
    let Some(link) = app.first_link() else { return told };
    let first = "nobody has an account of the console yet; whoever opens this link first, within \
                 an hour, makes the first one";
    tracing::warn!(link, "{first}");
    format!("{told}console  {link}\n         {first}\n")
}

/// Serves until `stop`, SIGINT or SIGTERM, then drains. A second signal ends at once.
async fn serve(app: App, stop: CancellationToken) -> anyhow::Result<u8> {
    let asked_to_stop = stop.clone();
    tokio::spawn(async move {
        signalled().await;
        tracing::info!("stopping: no new connections, answers under way are finished");
        asked_to_stop.cancel();
        signalled().await;
        std::process::exit(130);
    });
    app.run(stop).await?;
    Ok(EXIT_WELL)
}

/// Waits for SIGINT or SIGTERM.
pub(super) async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("signals can be listened to");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// The threads that serve sockets. The writer and the committer have their own.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

/// Ends the process at once after a fault of the journal that only a new process can mend: nothing
/// more is acknowledged, and whatever starts it again recovers from what is on disk.
pub(super) fn fatal() -> Fatal {
    Arc::new(|_| std::process::exit(i32::from(EXIT_JOURNAL)))
}
