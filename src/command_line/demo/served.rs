//! Where the night is served: by this process; or by two others, of which one stands by.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::watch;
use tokio::task::{JoinHandle, block_in_place};
use tokio_util::sync::CancellationToken;

use super::folder::{Folder, SaleFile};
use super::night::{Asked, Keys};
use super::pair::{Killer, Pair};
use super::process::Launch;
use super::redis::Redis;
use super::seen::Seen;
use super::words::Links;
use crate::api::state::Premises;
use crate::app::{App, AppFault, Offered};
use crate::command_line::serve::fatal;
use crate::command_line::verify::verify;
use crate::config::{self, Settings, Sources};
use crate::journal::redis::RedisSale;
use crate::page::look::Look;
use crate::token::api_key::{ApiKeys, NewApiKey};
use crate::trace;

/// The crowd comes from one address: what protects a server from one source must let it in.
const FROM_ONE_SOURCE: [&str; 5] = [
    "rates.join_burst=100000",
    "rates.join_per_minute=1000000",
    "public.connections_per_source_max=20000",
    "ops.connections_per_source_max=1000",
    "log.level=warn",
];

/// Who serves.
pub(super) enum Served {
    /// This process.
    Here(Here),
    /// Two others.
    There { pair: Pair, sale: String },
}

/// This process serves.
pub(super) struct Here {
    public: SocketAddr,
    ops: SocketAddr,
    links: Links,
    stop: CancellationToken,
    app: JoinHandle<Result<(), AppFault>>,
}

/// What is to be said when nobody is served any more.
pub(super) struct Ended {
    /// How often the standby took over, in a sentence each.
    pub(super) takeovers: Vec<String>,
    /// Whether the journal is sound, if it cannot be looked at later.
    pub(super) journal: Option<String>,
}

impl Served {
    /// Starts serving the sale of the folder.
    pub(super) async fn start(
        asked: &Asked,
        keys: &Keys,
        (folder, file): (&Folder, &SaleFile),
    ) -> anyhow::Result<Self> {
        if asked.standby {
            let redis = block_in_place(|| Redis::start(&folder.redis()))?;
            let launches = launches(folder, keys, &redis.url())?;
            let pair = Pair::start(redis, launches, [asked.public, asked.ops]).await?;
            return Ok(Self::There { pair, sale: file.definition.id.clone() });
        }
        let settings = settings(asked, keys)?;
        trace::start(&settings.log)?;
        let definition = Arc::new(file.definition.clone());
        let premises = Premises { folder: folder.sales(), look: Arc::new(Look::own()) };
        let app = App::build(settings, vec![Offered { definition, premises }], &fatal())?;
        let (public, ops) = (app.public_address(), app.ops_address());
        let links = Links { guest: app.guest_link(), first: app.first_link() };
        let stop = CancellationToken::new();
        let app = tokio::spawn(app.run(stop.clone()));
        Ok(Self::Here(Here { public, ops, links, stop, app }))
    }

    /// Where visitors and shops, and where operators reach it.
    pub(super) fn at(&self) -> (SocketAddr, SocketAddr) {
        match self {
            Self::Here(here) => (here.public, here.ops),
            Self::There { pair, .. } => (pair.public, pair.ops),
        }
    }

    /// Into the console; `None` where there is none.
    pub(super) fn links(&self) -> Option<&Links> {
        if let Self::Here(here) = self { Some(&here.links) } else { None }
    }

    /// What is seen of the two servers, if there are two.
    pub(super) fn seen(&self) -> Option<watch::Receiver<Seen>> {
        if let Self::There { pair, .. } = self { Some(pair.seen()) } else { None }
    }

    /// A way to kill whoever writes, if another one stands by.
    pub(super) fn killer(&self) -> Option<Killer> {
        if let Self::There { pair, .. } = self { Some(pair.killer()) } else { None }
    }

    /// Ends in peace, and looks at a journal that goes with it.
    pub(super) async fn stop(self) -> anyhow::Result<Ended> {
        match self {
            Self::Here(here) => {
                here.stop.cancel();
                here.app.await??;
                Ok(Ended { takeovers: Vec::new(), journal: None })
            }
            Self::There { pair, sale } => {
                let url = pair.journal();
                let (redis, seen) = pair.stop().await?;
                let report = block_in_place(|| sound(&url, &sale));
                drop(redis);
                Ok(Ended { takeovers: seen.takeovers().collect(), journal: Some(report?) })
            }
        }
    }
}

/// What the journal in a Redis amounts to.
fn sound(url: &str, sale: &str) -> anyhow::Result<String> {
    let settings = load(in_redis(url).to_vec())?;
    let redis = settings.redis.context("it was just named")?;
    let seen = RedisSale::glance(&redis, sale)?;
    verify(&*seen.history).map(|report| report.to_string())
}

fn in_redis(url: &str) -> [String; 2] {
    ["journal.mode=redis".to_owned(), format!("journal.redis.url={url}")]
}

/// The settings of the process that serves by itself.
fn settings(asked: &Asked, keys: &Keys) -> anyhow::Result<Settings> {
    let mut flags = FROM_ONE_SOURCE.map(str::to_owned).to_vec();
    flags.push(format!("public.address={}", asked.public));
    flags.push(format!("ops.address={}", asked.ops));
    flags.push(format!("data.directory={}", asked.data.display()));
    let mut settings = load(flags)?;
    let read = |key: &NewApiKey| ApiKeys::read(&key.line).expect("a key that was made is read");
    settings.secrets.api_keys = read(&keys.shop);
    settings.secrets.staff_keys = read(&keys.staff);
    Ok(settings)
}

fn load(flags: Vec<String>) -> anyhow::Result<Settings> {
    let environment = std::env::vars().collect();
    Ok(config::load(&Sources { file: None, environment, flags })?)
}

/// How two servers of the sale are started: alike, but each with data and a log of its own.
fn launches(folder: &Folder, keys: &Keys, redis: &str) -> anyhow::Result<[Launch; 2]> {
    let config = folder.inside("stanchion.toml");
    let sale = fs::canonicalize(folder.sales().join("sale.toml"))?;
    fs::write(&config, format!("sales = [{:?}]\n", sale.display().to_string()))?;
    let at = |name: &str| folder.inside(name).display().to_string();
    for (name, key) in [("shop.keys", &keys.shop), ("staff.keys", &keys.staff)] {
        fs::write(folder.inside(name), &key.line)?;
    }
    let launch = |name: &'static str| {
        let mut flags = FROM_ONE_SOURCE.map(str::to_owned).to_vec();
        flags.extend(in_redis(redis));
        flags.extend(["public", "ops"].map(|side| format!("{side}.address=127.0.0.1:0")));
        flags.push(format!("data.directory={}", at(name)));
        flags.push(format!("secrets.token_keys_file={}", at("token.keys")));
        flags.push(format!("secrets.api_keys_file={}", at("shop.keys")));
        flags.push(format!("secrets.staff_keys_file={}", at("staff.keys")));
        // Each would have accounts of its own, behind one door.
        flags.push("console.enabled=false".to_owned());
        let log = folder.inside(&format!("{name}.log"));
        Launch { name, config: config.clone(), log, flags }
    };
    Ok([launch("one"), launch("two")])
}
