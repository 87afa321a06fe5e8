//! `stanchion demo`: one night in the theatre on this machine, opening in a few seconds.
//!
//! Everything stays in a local folder, so that a night that is interrupted goes on where it was:
//! the sale from its journal, the crowd from what it remembers.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::crowd::memory::Memory;
use super::crowd::{self, tally::Tally};
use super::display;
use super::folder::{Folder, SaleFile};
use super::shop::{self, Shop};
use super::web::Web;
use crate::api::state::Premises;
use crate::app::{App, Offered};
use crate::command_line::apply::Desk;
use crate::command_line::serve::{fatal, runtime, signalled};
use crate::command_line::{EXIT_REFUSED, EXIT_WELL};
use crate::config::{self, Settings, Sources};
use crate::page::look::Look;
use crate::token::api_key::{ApiKeys, NewApiKey};
use crate::trace;

/// The crowd comes from one address: what protects a server from one source must let it in.
const FROM_ONE_SOURCE: [&str; 4] = [
    "rates.join_burst=100000",
    "rates.join_per_minute=1000000",
    "public.connections_per_source_max=20000",
    "ops.connections_per_source_max=1000",
];

#[derive(Args)]
pub(in crate::command_line) struct Asked {
    /// Visitors of the synthetic crowd; 0 leaves the night to the person at the keyboard.
    #[arg(long, default_value_t = 1_000)]
    crowd: u32,
    /// Seconds until the sale opens.
    #[arg(long, default_value_t = 8)]
    opens_in: u32,
    /// Seconds over which the crowd arrives.
    #[arg(long, default_value_t = 30)]
    arrive_over: u32,
    /// How many times faster than people the crowd looks, chooses and pays.
    #[arg(long, default_value_t = 10.0)]
    pace_of_life: f64,
    /// The seed of the crowd.
    #[arg(long, default_value_t = 2015)]
    seed: u64,
    /// The folder of the journal and the keys; the same folder goes on with the same night.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// Forget the night that is in the folder, and begin a new one.
    #[arg(long)]
    fresh: bool,
    /// Where visitors and shops reach the server.
    #[arg(long, default_value = "127.0.0.1:8080")]
    public: SocketAddr,
    /// Where operators and machines reach it.
    #[arg(long, default_value = "127.0.0.1:8081")]
    ops: SocketAddr,
    /// Where the demo shop listens.
    #[arg(long, default_value = "127.0.0.1:8082")]
    shop: SocketAddr,
    /// Stop by itself once the crowd has gone.
    #[arg(long)]
    until_crowd_is_gone: bool,
}

/// The keys of one run: made anew each time, never kept.
struct Keys {
    shop: NewApiKey,
    staff: NewApiKey,
}

pub(in crate::command_line) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let folder = Folder::at(&asked.data);
    if asked.fresh {
        folder.clear()?;
    }
    runtime()?.block_on(night(asked, &folder))
}

async fn night(asked: &Asked, folder: &Folder) -> anyhow::Result<u8> {
    let make = |name| NewApiKey::make(name).expect("the name of a demo key is good");
    let keys = Keys { shop: make("demo-shop"), staff: make("demo-staff") };
    let shop = Shop::bind(asked.shop).await;
    let shop = shop.with_context(|| format!("cannot listen on {} for the shop", asked.shop))?;
    let settings = settings(asked, &keys)?;
    trace::start(&settings.log)?;
    let known = folder.known();
    let opens_at = Timestamp::now() + SignedDuration::from_secs(asked.opens_in.into());
    let file = folder.write(opens_at, shop.address()?)?;
    let definition = Arc::new(file.definition.clone());
    let id = definition.id.clone();
    let premises = Premises { folder: folder.sales(), look: Arc::new(Look::own()) };
    let offered = Offered { definition, premises };
    let app = App::build(settings, vec![offered], &fatal())?;
    let memory = Memory::open(&folder.crowd()).context("cannot read what the crowd remembers")?;
    let (public, ops) = (app.public_address(), app.ops_address());
    greet(asked, known.then(|| memory.staying()));
    say_where(&keys, [public, ops, shop.address()?], app.first_link());

    let stop = CancellationToken::new();
    let server = tokio::spawn(app.run(stop.clone()));
    if known {
        take_up(&file, &Desk { web: Web::new(ops, 1), key: &keys.staff.text, sale: &id }).await?;
    }
    let selling = shop::Settings { public, sale: id.clone(), api_key: keys.shop.text.clone() };
    let shop = tokio::spawn(shop.run(selling, stop.clone()));
    let crowd = start_crowd(asked, &keys, memory, (public, &id));
    let view = display::Settings {
        public,
        ops,
        ops_token: keys.staff.text.clone(),
        sale: id,
        crowd: crowd.as_ref().map(|crowd| crowd.tally.clone()),
    };
    let looking = CancellationToken::new();
    let view = tokio::spawn(display::run(view, looking.clone()));

    let kept = wait_for_the_end(asked, crowd).await;
    looking.cancel();
    view.await?;
    let kept = match kept {
        Some(crowd) => say_goodbye(crowd).await?,
        None => true,
    };
    stop.cancel();
    server.await??;
    shop.await?;
    println!("Stopped. The same command goes on with this night; --fresh begins a new one.");
    println!("`stanchion verify {}` checks its journal.", folder.journal().display());
    Ok(if kept { EXIT_WELL } else { EXIT_REFUSED })
}

/// Changes a sale that runs already to what this start says: the journal is the truth, so that is
/// an ops change like any other. What the sale refuses stays as it was.
async fn take_up(file: &SaleFile, desk: &Desk<'_>) -> anyhow::Result<()> {
    let Some(changed) = desk.compare(&file.text, "the demo was started otherwise").await? else {
        return Ok(());
    };
    if changed.differences.is_empty() || desk.apply(&changed).await?.is_none() {
        return Ok(());
    }
    println!("Since the last start:");
    changed.differences.iter().for_each(|difference| println!("  {difference}"));
    println!();
    Ok(())
}

/// A crowd under way.
struct Crowd {
    tally: Arc<Tally>,
    stop: CancellationToken,
    verdict: JoinHandle<crowd::ledger::Verdict>,
}

fn start_crowd(
    asked: &Asked,
    keys: &Keys,
    memory: Memory,
    (public, sale): (SocketAddr, &str),
) -> Option<Crowd> {
    if asked.crowd == 0 {
        return None;
    }
    let settings = crowd::Settings {
        public,
        sale: sale.to_owned(),
        people: asked.crowd,
        arrive_over: Duration::from_secs(asked.arrive_over.into()),
        seed: asked.seed,
        api_key: keys.shop.text.clone(),
        pace_of_life: asked.pace_of_life,
    };
    let (tally, stop) = (Arc::new(Tally::default()), CancellationToken::new());
    let verdict = tokio::spawn(crowd::run(settings, memory, stop.clone(), tally.clone()));
    Some(Crowd { tally, stop, verdict })
}

/// Until a signal comes, or the crowd has gone if that is to be the end.
async fn wait_for_the_end(asked: &Asked, crowd: Option<Crowd>) -> Option<Crowd> {
    let Some(mut crowd) = crowd else {
        signalled().await;
        return None;
    };
    if !asked.until_crowd_is_gone {
        signalled().await;
        return Some(crowd);
    }
    tokio::select! {
        () = signalled() => Some(crowd),
        verdict = &mut crowd.verdict => {
            let verdict = verdict.expect("the crowd counts its panics");
            crowd.verdict = tokio::spawn(async { verdict });
            Some(crowd)
        }
    }
}

/// Sends the crowd home and says what became of what was acknowledged to it.
async fn say_goodbye(crowd: Crowd) -> anyhow::Result<bool> {
    crowd.stop.cancel();
    let verdict = crowd.verdict.await?;
    println!("The crowd says: {verdict}.");
    let rose = crowd.tally.lost_positions.get();
    println!("Positions that rose or places that were lost: {rose}.");
    Ok(verdict.kept() && rose == 0)
}

fn settings(asked: &Asked, keys: &Keys) -> anyhow::Result<Settings> {
    let mut flags: Vec<String> = FROM_ONE_SOURCE.iter().map(|flag| (*flag).to_owned()).collect();
    flags.push(format!("public.address={}", asked.public));
    flags.push(format!("ops.address={}", asked.ops));
    flags.push(format!("data.directory={}", asked.data.display()));
    flags.push("log.level=warn".to_owned());
    let environment = std::env::vars().collect();
    let mut settings = config::load(&Sources { file: None, environment, flags })?;
    let read = |key: &NewApiKey| ApiKeys::read(&key.line).expect("a key that was made is read");
    settings.secrets.api_keys = read(&keys.shop);
    settings.secrets.staff_keys = read(&keys.staff);
    Ok(settings)
}

/// `staying`: how many of the crowd come back, if a night was there already.
fn greet(asked: &Asked, staying: Option<usize>) {
    let folder = asked.data.display();
    match staying {
        Some(staying) if staying > 0 && asked.crowd > 0 => {
            println!("Going on with the night in {folder}: {staying} of the crowd come back.");
        }
        Some(_) => println!("Going on with the night in {folder}; --fresh begins a new one."),
        None => println!("A night in the theatre: the sale opens in {} s.", asked.opens_in),
    }
}

fn say_where(keys: &Keys, [public, ops, shop]: [SocketAddr; 3], first_link: Option<String>) {
    println!();
    println!("  to queue      http://{public}/demo");
    println!("  to shop       http://{shop}/      (when it is your turn)");
    match first_link {
        Some(link) => println!("  to lead       {link}      (makes the first account)"),
        None => println!("  to lead       http://{ops}/console"),
    }
    println!("  to operate    http://{ops}/v1/sales/demo      with the bearer token");
    println!("                {}", keys.staff.text);
    println!("  Ctrl-C stops; the same command goes on where it was.");
    println!();
}
