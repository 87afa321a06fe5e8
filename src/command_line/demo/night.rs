//! `stanchion demo`: one night in the theatre on this machine, opening in a few seconds.
//!
//! The files of the sale are those of `config/`, carried in the binary. The journal stays in a
//! local folder, so that a night that is interrupted goes on where it was.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::WallTime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::crowd::{self, tally::Tally};
use super::display;
use super::shop::{self, Shop};
use crate::app::{App, Offered};
use crate::clock::Clock;
use crate::command_line::serve::{fatal, runtime, signalled};
use crate::command_line::{EXIT_REFUSED, EXIT_WELL};
use crate::config::{self, Settings, Sources};
use crate::files::{Mode, sale};
use crate::token::api_key::{ApiKeys, NewApiKey};
use crate::trace;

const SALE: &str = include_str!("../../../config/demo/sale.toml");
const PLAN: &str = include_str!("../../../config/sales/theatre/plan.json");
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
    #[arg(long, default_value_t = 8.0)]
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
    if asked.fresh && asked.data.exists() {
        fs::remove_dir_all(&asked.data)
            .with_context(|| format!("cannot forget {}", asked.data.display()))?;
    }
    runtime()?.block_on(night(asked))
}

async fn night(asked: &Asked) -> anyhow::Result<u8> {
    let make = |name| NewApiKey::make(name).expect("the name of a demo key is good");
    let keys = Keys { shop: make("demo-shop"), staff: make("demo-staff") };
    let shop = Shop::bind(asked.shop).await;
    let shop = shop.with_context(|| format!("cannot listen on {} for the shop", asked.shop))?;
    let settings = settings(asked, &keys)?;
    trace::start(&settings.log)?;
    let known = settings.data.join("demo").join("journal.redb").exists();
    let definition = definition(asked, shop.address()?)?;
    let id = definition.id.clone();
    let folder = asked.data.join("files/demo");
    let offered = Offered { definition: Arc::new(definition), folder };
    let app = App::build(settings, vec![offered], &fatal())?;
    let (public, ops) = (app.public_address(), app.ops_address());
    greet(asked, &keys, known, [public, ops, shop.address()?]);

    let stop = CancellationToken::new();
    let server = tokio::spawn(app.run(stop.clone()));
    let selling = shop::Settings { public, sale: id.clone(), api_key: keys.shop.text.clone() };
    let shop = tokio::spawn(shop.run(selling, stop.clone()));
    let crowd = start_crowd(asked, &keys, public, &id);
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
    server.await?;
    shop.await?;
    println!("Stopped. The same command goes on with this night; --fresh begins a new one.");
    Ok(if kept { EXIT_WELL } else { EXIT_REFUSED })
}

/// A crowd under way.
struct Crowd {
    tally: Arc<Tally>,
    stop: CancellationToken,
    verdict: JoinHandle<crowd::ledger::Verdict>,
}

fn start_crowd(asked: &Asked, keys: &Keys, public: SocketAddr, sale: &str) -> Option<Crowd> {
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
    let verdict = tokio::spawn(crowd::run(settings, stop.clone(), tally.clone()));
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

/// The demo sale, opening soon. If the folder holds a night already, that one goes on and this
/// definition is not used.
fn definition(asked: &Asked, shop: SocketAddr) -> anyhow::Result<Definition> {
    let files = asked.data.join("files");
    let write = |name: &str, text: &str| -> anyhow::Result<()> {
        let path: PathBuf = files.join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write("demo/sale.toml", SALE)?;
    write("sales/theatre/plan.json", PLAN)?;
    let mut definition = sale::load(&files.join("demo/sale.toml"), Mode::Strict)?.definition;
    let opens_in_ms = i64::from(asked.opens_in) * 1_000;
    definition.opens_at = Some(WallTime(Clock::machine().wall().0 + opens_in_ms));
    definition.shop_url = Some(format!("http://{shop}/"));
    Ok(definition)
}

fn greet(asked: &Asked, keys: &Keys, known: bool, [public, ops, shop]: [SocketAddr; 3]) {
    match known {
        true => println!("Going on with the night in {}.", asked.data.display()),
        false => println!("A night in the theatre: the sale opens in {} s.", asked.opens_in),
    }
    println!();
    println!("  to queue      http://{public}/demo");
    println!("  to shop       http://{shop}/      (when it is your turn)");
    println!("  to operate    http://{ops}/       with the bearer token");
    println!("                {}", keys.staff.text);
    println!("  Ctrl-C stops; the same command goes on where it was.");
    println!();
}
