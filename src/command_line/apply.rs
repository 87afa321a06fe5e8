//! `stanchion apply`: shows how a changed sale file differs from the running sale, and applies it
//! as an ops change. What cannot be (a sold seat removed) is refused by the server, with every
//! reason.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use super::demo::web::{Ask, Reply, Web, fresh_key};
use super::serve::runtime;
use super::{EXIT_REFUSED, EXIT_WELL};

/// The environment variable that holds the key of an operator.
const STAFF_KEY: &str = "STANCHION_STAFF_KEY";

#[derive(Args)]
pub(super) struct Asked {
    /// The changed sale file. Its plans must not have changed.
    file: PathBuf,
    /// The ops listener of the running server.
    #[arg(long, default_value = "127.0.0.1:8081")]
    ops: SocketAddr,
    /// A file that holds the key of an operator; without it, STANCHION_STAFF_KEY.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Why, for the audit log.
    #[arg(long, default_value = "definition changed")]
    reason: String,
    /// Do it; without this the differences are only shown.
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let key = match &asked.key_file {
        Some(file) => fs::read_to_string(file).with_context(|| file.display().to_string())?,
        None => std::env::var(STAFF_KEY)
            .with_context(|| format!("no key: name a --key-file, or set {STAFF_KEY}"))?,
    };
    let loaded = crate::files::sale::load(&asked.file, crate::files::Mode::Strict)?;
    let text = fs::read_to_string(&asked.file)?;
    let desk = Desk { web: Web::new(asked.ops, 1), key: key.trim(), sale: &loaded.definition.id };
    runtime()?.block_on(apply(asked, &desk, &text))
}

async fn apply(asked: &Asked, desk: &Desk<'_>, text: &str) -> anyhow::Result<u8> {
    let Some(changed) = desk.compare(text, &asked.reason).await? else { return Ok(EXIT_REFUSED) };
    if changed.differences.is_empty() {
        println!("nothing differs");
        return Ok(EXIT_WELL);
    }
    changed.differences.iter().for_each(|difference| println!("{difference}"));
    if !asked.yes {
        println!("nothing was changed; --yes applies this");
        return Ok(EXIT_WELL);
    }
    let Some(revision) = desk.apply(&changed).await? else { return Ok(EXIT_REFUSED) };
    println!("applied as revision {revision}");
    Ok(EXIT_WELL)
}

/// A running sale, as an operator reaches it.
pub(super) struct Desk<'a> {
    /// A way to the ops listener.
    pub(super) web: Web,
    /// The operator's key.
    pub(super) key: &'a str,
    /// The sale's id.
    pub(super) sale: &'a str,
}

/// A changed sale file beside the running sale.
pub(super) struct Changed {
    /// A line each; none if they say the same.
    pub(super) differences: Vec<String>,
    body: Value,
}

impl Desk<'_> {
    /// What a sale file would change; `None` if it was refused, and why was printed.
    pub(super) async fn compare(&self, file: &str, why: &str) -> anyhow::Result<Option<Changed>> {
        let state = Ask::get(format!("/v1/sales/{}", self.sale)).bearer(self.key);
        let Some(state) = answered(&self.web.ask(&state).await?) else { return Ok(None) };
        let body = json!({"revision": state["revision"], "reason": why, "file": file});
        let shown = self.web.ask(&self.define("?dry_run=true").json(&body)).await?;
        let Some(shown) = answered(&shown) else { return Ok(None) };
        let lines = shown["differences"].as_array().into_iter().flatten();
        let differences = lines.filter_map(|line| Some(line.as_str()?.to_owned())).collect();
        Ok(Some(Changed { differences, body }))
    }

    /// Changes the sale and says which revision that made; `None` if it was refused, and why was
    /// printed.
    pub(super) async fn apply(&self, changed: &Changed) -> anyhow::Result<Option<Value>> {
        let done = self.web.ask(&self.define("").json(&changed.body)).await?;
        Ok(answered(&done).map(|done| done["revision"].clone()))
    }

    fn define(&self, query: &str) -> Ask {
        let path = format!("/v1/sales/{}/definition{query}", self.sale);
        Ask::post(path).bearer(self.key).key(&fresh_key())
    }
}

/// The body of a good answer; of any other, what it says is printed.
fn answered(reply: &Reply) -> Option<Value> {
    if reply.status.is_success() {
        return reply.read().ok();
    }
    match reply.problem() {
        Some(problem) => println!("{}: {}", problem.code, problem.detail.unwrap_or_default()),
        None => println!("the server answered {}", reply.status),
    }
    None
}
