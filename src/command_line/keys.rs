//! `stanchion keys`: makes API keys for shops and staff. A key is shown once; its hash is kept.

use clap::{Args, Subcommand};

use super::EXIT_WELL;
use crate::token::api_key::NewApiKey;

#[derive(Args)]
pub(super) struct Asked {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a key: prints it, and the line to add to the file of API keys.
    New {
        /// Who will use it, as logs and the audit name them: letters, digits and hyphens.
        name: String,
    },
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let What::New { name } = &asked.what;
    let made = NewApiKey::make(name);
    let made = made.ok_or_else(|| {
        anyhow::anyhow!("\"{name}\" is no name for a key: letters, digits and hyphens, up to 32")
    })?;
    println!(
        "key, to be given now to whoever will use it (it cannot be shown again):\n  {}",
        made.text
    );
    println!(
        "line for the file named by secrets.api_keys_file or staff_keys_file:\n  {}",
        made.line
    );
    Ok(EXIT_WELL)
}
