//! `stanchion-loadtest work`: a worker that waits for its coordinator.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;

use super::runtime;
use crate::night::coordinator::SECRET;
use crate::night::worker;
use crate::web::descriptors;

/// A secret that can be guessed is none.
const SECRET_BYTES_MIN: usize = 16;

#[derive(Args)]
pub(super) struct Asked {
    /// Where to wait for the coordinator.
    #[arg(long, default_value = "127.0.0.1:7411")]
    listen: SocketAddr,
    /// File with the secret that the coordinator has too, at least 16 characters.
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// Work for one coordinator, then end.
    #[arg(long)]
    once: bool,
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let (secret, child) = match &asked.secret_file {
        Some(path) => (read_secret(path)?, false),
        None => {
            (std::env::var(SECRET).context("name a file with the secret: --secret-file")?, true)
        }
    };
    descriptors::raise()?;
    runtime()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(asked.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}", asked.listen))?;
        println!("waiting for a coordinator on {}", listener.local_addr()?);
        std::io::stdout().flush()?;
        worker::work(listener, &secret, asked.once || child, |what| eprintln!("{what}")).await
    })?;
    Ok(0)
}

/// Reads a secret from a file of its own.
pub(super) fn read_secret(path: &PathBuf) -> anyhow::Result<String> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let secret = text.trim().to_owned();
    ensure!(
        secret.len() >= SECRET_BYTES_MIN,
        "{}: a secret has at least {SECRET_BYTES_MIN} characters",
        path.display()
    );
    Ok(secret)
}
