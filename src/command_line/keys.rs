//! `stanchion keys`: makes API keys for shops and staff, of which one is shown once and its hash is
//! kept; and rotates the keys that sign tokens.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::EXIT_WELL;
use crate::token::api_key::NewApiKey;
use crate::token::key_file;
use crate::token::role::Role;

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
        /// For staff: viewer, box_office, operator or manager. Without it, a key may do everything.
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Option<Role>,
    },
    /// Rotate the keys that sign tokens: the key that was announced signs, and a new one is
    /// announced. A running server takes it up at SIGHUP.
    Rotate {
        /// The key file: `token.keys` in the data directory, or what `secrets.token_keys_file`
        /// names.
        file: PathBuf,
    },
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    match &asked.what {
        What::New { name, role } => new(name, *role)?,
        What::Rotate { file } => rotate(file)?,
    }
    Ok(EXIT_WELL)
}

fn rotate(file: &Path) -> anyhow::Result<()> {
    let ring = key_file::rotate(file)?;
    let (signing, announced) = ring.turns();
    println!("{}: {} keys", file.display(), ring.count());
    println!("key {signing} signs, key {announced} is announced and signs after the next rotation");
    println!(
        "next: copy it to each server of these sales, and send each SIGHUP (systemctl reload)"
    );
    Ok(())
}

fn new(name: &str, role: Option<Role>) -> anyhow::Result<()> {
    let made = NewApiKey::make(name);
    let made = made.ok_or_else(|| {
        anyhow::anyhow!("\"{name}\" is no name for a key: letters, digits and hyphens, up to 32")
    })?;
    let made = match role {
        Some(role) => made.for_role(role),
        None => made,
    };
    println!(
        "key, to be given now to whoever will use it (it cannot be shown again):\n  {}",
        made.text
    );
    println!(
        "line for the file named by secrets.api_keys_file or staff_keys_file:\n  {}",
        made.line
    );
    Ok(())
}

fn role(name: &str) -> Result<Role, String> {
    let names = || Role::ALL.map(Role::name).join(", ");
    Role::named(name).ok_or_else(|| format!("it is none of: {}", names()))
}
