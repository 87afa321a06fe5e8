//! Built-in defaults, a file, the environment and flags; then checked settings, or a list of all
//! mistakes at once, each with where it stands, its key and what is allowed.
//!
//! Reads files that hold settings or secrets and changes nothing. A secret is never part of a
//! mistake and never printed.

mod gate;
mod layers;
mod reader;
mod redis;
mod sections;
mod secrets;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::gate::Gate;
use crate::gate::proof::ProofKey;
use crate::journal::redis::settings::Settings as RedisSettings;
use crate::net::rates::Allowance;
use crate::net::settings::Settings as ListenerSettings;
use crate::token::api_key::ApiKeys;
use crate::token::connector::Keys as ConnectorKeys;
use crate::token::keys::KeyRing;
use crate::token::rsa::RsaSigner;
use crate::trace;

/// Every setting with its default, its unit and its reason.
pub const DEFAULT: &str = include_str!("../../config/default.toml");

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What visitors and shops reach.
    pub public: ListenerSettings,
    /// What operators and machines reach.
    pub ops: ListenerSettings,
    /// Event streams of the board that one source may have open.
    pub board_streams_per_source_max: usize,
    /// How often one source may do something.
    pub rates: Rates,
    /// Where journals and keys live.
    pub data: PathBuf,
    /// What keeps the journal.
    pub journal: JournalMode,
    /// The Redis that does, or could: there whenever one is named.
    pub redis: Option<RedisSettings>,
    /// Who signs tokens, and who may call as a shop.
    pub secrets: Secrets,
    /// The operators' pages are served.
    pub console: bool,
    /// Something in front of us speaks TLS with the browsers.
    pub behind_tls: bool,
    /// How a shop is connected, if one is.
    pub gate: Option<Arc<Gate>>,
    /// What is logged, and how.
    pub log: trace::Settings,
    /// Definitions of the sales to run.
    pub sales: Vec<PathBuf>,
}

/// How often one source may do something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rates {
    /// Join a queue.
    pub join: Allowance,
    /// Present a token or a key that is not genuine.
    pub guess: Allowance,
}

/// What keeps the journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JournalMode {
    /// A durable store on this machine.
    Local,
    /// A Redis, which more than one machine reaches.
    Redis,
    /// Nothing: for tests and rehearsals.
    Memory,
}

/// Who signs tokens, and who may call as a shop.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The keys that sign tokens.
    pub token_keys: TokenKeys,
    /// The API keys of shops.
    pub api_keys: ApiKeys,
    /// The keys of operators.
    pub staff_keys: ApiKeys,
    /// By which the shop behind us knows that a request came through here.
    pub gate_origin: Option<ProofKey>,
    /// Signs tokens for clients of a retired waiting room.
    pub counter_key: Option<RsaSigner>,
    /// What a connector that a shop runs already and we know.
    pub connector: Option<ConnectorKeys>,
}

/// Where the keys that sign tokens are.
#[derive(Clone, Debug)]
pub enum TokenKeys {
    /// In the environment.
    Given(KeyRing),
    /// In this file, which is made on first start.
    File(PathBuf),
}

impl TokenKeys {
    /// The file, if there is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Given(_) => None,
            Self::File(file) => Some(file),
        }
    }
}

/// Where settings come from, later ones over earlier ones, and all over [`DEFAULT`].
#[derive(Clone, Default)]
pub struct Sources {
    /// A TOML file.
    pub file: Option<PathBuf>,
    /// The environment, of which `STANCHION__SECTION__KEY` counts.
    pub environment: Vec<(String, String)>,
    /// Flags of the form `section.key=value`.
    pub flags: Vec<String>,
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// Where it stands: a file, a variable, a flag.
    pub place: String,
    /// The key, `section.key`; empty where there is none.
    pub key: String,
    /// What is wrong, and what is allowed.
    pub wrong: String,
}

/// All mistakes, at least one.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

/// Reads and checks everything.
///
/// # Errors
/// All [`Mistakes`] at once.
pub fn load(sources: &Sources) -> Result<Settings, Mistakes> {
    let mut reader = layers::merge(sources);
    let settings = sections::settings(&mut reader);
    match (settings, reader.into_mistakes()) {
        (Some(settings), mistakes) if mistakes.is_empty() => Ok(settings),
        (_, mistakes) => {
            assert!(!mistakes.is_empty(), "a setting that is missing has a mistake that says so");
            Err(Mistakes(mistakes))
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(out, "{}: {}", self.place, self.wrong),
            key => write!(out, "{}: {key}: {}", self.place, self.wrong),
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(out, "{count} mistake{} in the settings", if count == 1 { "" } else { "s" })?;
        self.0.iter().try_for_each(|mistake| write!(out, "\n  {mistake}"))
    }
}

/// The environment holds secrets: its names are printed, not its values.
impl fmt::Debug for Sources {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environment.iter().map(|(name, _)| name).collect();
        out.debug_struct("Sources")
            .field("file", &self.file)
            .field("environment", &names)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
