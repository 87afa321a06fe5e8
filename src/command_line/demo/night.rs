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
use super::rush;
use super::served::Served;
use super::shop::{self, Shop};
use super::web::Web;
use super::words;
use crate::command_line::apply::Desk;
use crate::command_line::serve::{runtime, signalled};
use crate::command_line::{EXIT_REFUSED, EXIT_WELL};
use crate::token::api_key::NewApiKey;

/// The night that comes unless another one is asked for: what [`words::say_what_happens`] tells.
const CROWD: u32 = 1_000;
const OPENS_IN_S: u32 = 20;
const ARRIVE_OVER_S: u32 = 250;
const PACE_OF_LIFE: f64 = 4.0;

#[derive(Args)]
pub(in crate::command_line) struct Asked {
    /// Visitors of the synthetic crowd; 0 leaves the night to the person at the keyboard.
    #[arg(long, default_value_t = CROWD)]
    pub(super) crowd: u32,
    /// Seconds until the sale opens.
    #[arg(long, default_value_t = OPENS_IN_S)]
    pub(super) opens_in: u32,
    /// Seconds over which the crowd arrives.
    #[arg(long, default_value_t = ARRIVE_OVER_S)]
    arrive_over: u32,
    /// How many times faster than people the crowd looks, chooses and pays.
    #[arg(long, default_value_t = PACE_OF_LIFE)]
    pace_of_life: f64,
    /// The seed of the crowd.
    #[arg(long, default_value_t = 2015)]
    seed: u64,
    /// The folder of the journal and the keys; the same folder goes on with the same night.
    #[arg(long, default_value = "data/demo")]
    pub(super) data: PathBuf,
    /// Forget the night that is in the folder, and begin a new one.
    #[arg(long)]
    fresh: bool,
    /// Where visitors and shops reach the server.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(super) public: SocketAddr,
    /// Where operators and machines reach it.
    #[arg(long, default_value = "127.0.0.1:8081")]
    pub(super) ops: SocketAddr,
    /// Where the demo shop listens.
    #[arg(long, default_value = "127.0.0.1:8082")]
    shop: SocketAddr,
    /// Let two servers serve the night, one of which stands by, on a Redis of the demo's own.
    #[arg(long)]
    pub(super) standby: bool,
    /// Kill the server that writes at the height of the rush.
    #[arg(long, requires = "standby")]
    kill_writer: bool,
    /// Stop by itself once the crowd has gone.
    #[arg(long)]
    until_crowd_is_gone: bool,
}

impl Asked {
    /// Whether the night is the one that comes unless another one is asked for.
    fn changes_nothing(&self) -> bool {
        let asked = (self.crowd, self.opens_in, self.arrive_over);
        asked == (CROWD, OPENS_IN_S, ARRIVE_OVER_S)
            && self.pace_of_life.total_cmp(&PACE_OF_LIFE).is_eq()
    }
}

/// The keys of one run: made anew each time, never kept.
pub(super) struct Keys {
    pub(super) shop: NewApiKey,
    pub(super) staff: NewApiKey,
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
    folder.check(asked.standby)?;
    let known = folder.known();
    let opens_at = Timestamp::now() + SignedDuration::from_secs(asked.opens_in.into());
    let file = folder.write(opens_at, shop.address()?)?;
    let sale = file.definition.id.clone();
    let memory = Memory::open(&folder.crowd()).context("cannot read what the crowd remembers")?;
    let served = Served::start(asked, &keys, (folder, &file)).await?;
    let (public, ops) = served.at();
    words::greet(asked, known.then(|| memory.staying()));
    words::say_where(asked, &keys, [public, ops, shop.address()?], served.links());
    if !known && asked.changes_nothing() {
        words::say_what_happens();
    }
    if known {
        take_up(&file, &Desk { web: Web::new(ops, 1), key: &keys.staff.text, sale: &sale }).await?;
    }

    let stop = CancellationToken::new();
    let api_key = keys.shop.text.clone();
    let selling = shop::Settings { public, sale: sale.clone(), api_key };
    let shop = tokio::spawn(shop.run(selling, stop.clone()));
    let kept = evening(asked, &keys, (&served, &sale), memory).await?;
    stop.cancel();
    shop.await?;
    words::say_the_end(served.stop().await?, folder);
    Ok(if kept { EXIT_WELL } else { EXIT_REFUSED })
}

/// Lets the crowd live its evening and shows it; whether everything promised to it stands, and
/// everything was done that was asked for.
async fn evening(
    asked: &Asked,
    keys: &Keys,
    (served, sale): (&Served, &str),
    memory: Memory,
) -> anyhow::Result<bool> {
    let (public, ops) = served.at();
    let crowd = start_crowd(asked, keys, memory, (public, sale));
    let looking = CancellationToken::new();
    let view = display::Settings {
        public,
        ops,
        ops_token: keys.staff.text.clone(),
        sale: sale.to_owned(),
        crowd: crowd.as_ref().map(|crowd| crowd.tally.clone()),
        servers: served.seen(),
    };
    let view = tokio::spawn(display::run(view, looking.clone()));
    let tally = crowd.as_ref().map(|crowd| crowd.tally.clone());
    let killer = served.killer().filter(|_| asked.kill_writer);
    let killing = killer.map(|killer| rush::kill(killer, tally, asked.crowd));
    let crowd = wait_for_the_end(asked, crowd).await;
    looking.cancel();
    view.await?;
    let kept = match crowd {
        Some(crowd) => say_goodbye(asked, crowd).await?,
        None => true,
    };
    Ok(rush::was_killed(killing).await? && kept)
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

/// Sends the crowd home and says what became of what was acknowledged to it; whether all of it
/// stands.
async fn say_goodbye(asked: &Asked, crowd: Crowd) -> anyhow::Result<bool> {
    crowd.stop.cancel();
    let verdict = crowd.verdict.await?;
    let kept = verdict.kept() && crowd.tally.lost_positions.get() == 0;
    if asked.standby {
        words::say_what_stands(&verdict, &crowd.tally);
        // Somebody is there to be asked, whoever was killed.
        return Ok(kept && verdict.found == verdict.orders);
    }
    words::say_what_became(&verdict, &crowd.tally);
    Ok(kept)
}
