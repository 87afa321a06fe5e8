//! `stanchion apply`: shows how a changed sale file differs from the running sale, and applies it
//! as an ops change. What cannot be (a sold seat removed) is refused by the server, with every
//! reason.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::Value;

use super::demo::web::{Ask, Reply, Web};
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
    runtime()?.block_on(apply(asked, key.trim(), &loaded.definition.id, &text))
}

async fn apply(asked: &Asked, key: &str, sale: &str, text: &str) -> anyhow::Result<u8> {
    let web = Web::new(asked.ops, 1);
    let state = web.ask(&Ask::get(format!("/v1/sales/{sale}")).bearer(key)).await?;
    let Some(revision) = answered(&state).and_then(|state| state["revision"].as_u64()) else {
        return Ok(EXIT_REFUSED);
    };
    let body = serde_json::json!({
        "revision": revision,
        "reason": asked.reason,
        "file": text,
    });
    let path = |dry_run: bool| format!("/v1/sales/{sale}/definition?dry_run={dry_run}");
    let ask = |dry_run: bool| {
        Ask::post(path(dry_run)).bearer(key).key(&super::demo::web::fresh_key()).json(&body)
    };
    let shown = web.ask(&ask(true)).await?;
    let Some(shown) = answered(&shown) else { return Ok(EXIT_REFUSED) };
    let differences: Vec<_> = shown["differences"].as_array().into_iter().flatten().collect();
    if differences.is_empty() {
        println!("nothing differs");
        return Ok(EXIT_WELL);
    }
    for difference in differences {
        println!("{}", difference.as_str().unwrap_or_default());
    }
    if !asked.yes {
        println!("nothing was changed; --yes applies this");
        return Ok(EXIT_WELL);
    }
    let done = web.ask(&ask(false)).await?;
    let Some(done) = answered(&done) else { return Ok(EXIT_REFUSED) };
    println!("applied as revision {}", done["revision"]);
    Ok(EXIT_WELL)
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
