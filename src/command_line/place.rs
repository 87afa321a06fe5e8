//! Where a journal is, as an operator types it: a folder, or `redis:<sale>` for the one that a sale
//! has in the Redis of the settings.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;

use super::Configured;
use crate::config::Settings;
use crate::journal::local::LocalJournal;
use crate::journal::redis::RedisSale;
use crate::journal::redis::settings::Settings as RedisSettings;
use crate::journal::{Head, History, Journal};

const REDIS: &str = "redis:";

/// Where a journal is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// A local one.
    Folder(PathBuf),
    /// The one of this sale.
    Redis(String),
}

/// A journal that is only looked at.
pub(super) struct Seen {
    pub(super) history: Arc<dyn History>,
    pub(super) newest: Head,
    /// Who writes it meanwhile, if anybody does.
    pub(super) writer: Option<String>,
}

impl Place {
    /// Opens the journal for reading. A local one is locked as long as the history is kept.
    pub(super) fn look(&self, configured: &Configured) -> anyhow::Result<Seen> {
        match self {
            Self::Folder(folder) => {
                anyhow::ensure!(folder.is_dir(), "{self} is no folder");
                let journal = LocalJournal::open(folder)?;
                let (history, newest) = (journal.history(), journal.head());
                Ok(Seen { history, newest, writer: None })
            }
            Self::Redis(sale) => {
                let settings = configured.load()?;
                let glance = RedisSale::glance(redis(&settings)?, sale)?;
                let (history, newest) = (glance.history, glance.newest);
                Ok(Seen { history, newest, writer: glance.holder })
            }
        }
    }
}

/// The Redis of the settings.
pub(super) fn redis(settings: &Settings) -> anyhow::Result<&RedisSettings> {
    settings.redis.as_ref().context("the settings name no Redis: set journal.redis.url")
}

impl FromStr for Place {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix(REDIS) {
            Some(sale) => Self::Redis(sale.to_owned()),
            None => Self::Folder(PathBuf::from(text)),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(out, "{}", folder.display()),
            Self::Redis(sale) => write!(out, "{REDIS}{sale}"),
        }
    }
}
