//! Which Redis is refused: one that evicts, that does not keep what it is told, that follows
//! another, or that is too old. Asked at every connect and every second.

use std::collections::HashMap;

use redis::RedisResult;

use super::link::Link;
use super::settings::{At, Durability, Settings};
use crate::journal::fault::JournalFault;

/// The oldest major version with scripts that are refused before they begin.
const VERSION_MIN: u32 = 7;
/// Settings of Redis that decide what survives, and are nowhere but in its configuration.
const CONFIGURED: [&str; 2] = ["appendfsync", "no-appendfsync-on-rewrite"];

/// What a Redis says about itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    info: HashMap<String, String>,
    /// `None` if it does not let us look.
    configured: Option<HashMap<String, String>>,
}

/// Refuses a Redis that could lose what it acknowledges in the mode that is set.
///
/// # Faults
/// [`JournalFault::Unsafe`] with the reason; [`JournalFault::Refused`] if it cannot write now; and
/// those of asking.
pub(super) fn check(link: &mut Link) -> Result<(), JournalFault> {
    let info: String =
        link.ask("asking Redis about itself", |redis| redis::cmd("INFO").query(redis))?;
    // Refused by rights or by whoever rents it out: then what INFO says has to do.
    let configured: Option<HashMap<String, String>> =
        link.ask("asking Redis for its configuration", |redis| {
            let asked: RedisResult<_> =
                redis::cmd("CONFIG").arg("GET").arg(&CONFIGURED).query(redis);
            match asked {
                Err(error) if error.clone().into_server_errors().is_none() => Err(error),
                answered => Ok(answered.ok()),
            }
        })?;
    Findings { info: parse(&info), configured }.judge(link.settings())
}

impl Findings {
    fn judge(&self, settings: &Settings) -> Result<(), JournalFault> {
        self.version()?;
        if self.info("loading") == "1" {
            let what = "Redis is loading its data".to_owned();
            return Err(JournalFault::Unreachable { what });
        }
        self.role(&settings.at)?;
        let policy = self.info("maxmemory_policy");
        if policy != "noeviction" {
            return unsafe_because(format!(
                "maxmemory-policy is {policy}, so records would be thrown away when memory is \
                 short: set noeviction"
            ));
        }
        if self.info("aof_enabled") != "1" {
            return unsafe_because("it keeps nothing on disk: set appendonly yes".to_owned());
        }
        if self.info("aof_last_write_status") == "err" {
            let what = "its last write to the append-only file failed: look at its log".to_owned();
            return Err(JournalFault::Refused { what });
        }
        self.flushes(settings.durability)?;
        self.replicas(settings.durability)
    }

    /// It has to be the primary. Sentinels may name one that is about to be; an address does not
    /// change by itself.
    fn role(&self, at: &At) -> Result<(), JournalFault> {
        let role = self.info("role");
        if role == "master" {
            return Ok(());
        }
        let what = format!("it is a replica ({role}) and follows {}", self.info("master_host"));
        match at {
            At::Server(_) => unsafe_because(what + ": name the primary, or its Sentinels"),
            At::Sentinels { .. } => {
                let what = what + ", and the Sentinels name it: a failover is under way";
                Err(JournalFault::Refused { what })
            }
        }
    }

    fn version(&self) -> Result<(), JournalFault> {
        let version = self.info("redis_version");
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_some_and(|major| major >= VERSION_MIN) {
            return Ok(());
        }
        unsafe_because(format!("its version is {version:?}, and {VERSION_MIN}.0 is needed"))
    }

    /// How its file is flushed; replicas have what was acknowledged whatever that says.
    fn flushes(&self, durability: Durability) -> Result<(), JournalFault> {
        let wanted: &[&str] = match durability {
            Durability::Always => &["always"],
            Durability::EverySecond => &["always", "everysec"],
            Durability::Replicas { .. } => return Ok(()),
        };
        let Some(configured) = &self.configured else {
            return unsafe_because(
                "it does not tell how its file is flushed: permit CONFIG GET, or choose \
                 durability = \"replicas\""
                    .to_owned(),
            );
        };
        let found = |key: &str| configured.get(key).map_or("", String::as_str);
        let flushed = found("appendfsync");
        if !wanted.contains(&flushed) {
            return unsafe_because(format!(
                "appendfsync is {flushed}, and this durability needs {}",
                wanted.join(" or ")
            ));
        }
        if found("no-appendfsync-on-rewrite") != "no" {
            return unsafe_because(
                "no-appendfsync-on-rewrite is yes, so nothing is flushed while the file is \
                 rewritten: set it to no"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn replicas(&self, durability: Durability) -> Result<(), JournalFault> {
        let Durability::Replicas { count, .. } = durability else { return Ok(()) };
        let online = self.info.iter().filter(|(key, value)| {
            let number = key.strip_prefix("slave").and_then(|rest| rest.parse::<u32>().ok());
            number.is_some() && value.contains("state=online")
        });
        let online = online.count();
        if usize::try_from(count).is_ok_and(|count| online >= count) {
            return Ok(());
        }
        let what = format!("{online} replicas follow, and {count} have to confirm");
        Err(JournalFault::Refused { what })
    }

    fn info(&self, key: &str) -> &str {
        self.info.get(key).map_or("", String::as_str)
    }
}

fn parse(info: &str) -> HashMap<String, String> {
    let lines = info.lines().filter_map(|line| line.trim().split_once(':'));
    lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn unsafe_because(what: String) -> Result<(), JournalFault> {
    Err(JournalFault::Unsafe { what })
}
