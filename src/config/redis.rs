//! The section of the Redis that keeps the journal.

use super::reader::Reader;
use super::secrets::password;
use crate::journal::redis::settings::{Address, At, Durability, Settings};

/// No wait of a journal is shorter than a hundredth of a second or longer than a minute.
const WAIT_MS: std::ops::RangeInclusive<u64> = 10..=60_000;
/// Nor is a lease, but that it has to outlast some beats.
const LEASE_MS: std::ops::RangeInclusive<u64> = 500..=600_000;
/// How often a writer shows that it lives.
const BEAT_MS: u64 = 1_000;
/// Replicas that anybody has.
const REPLICAS: std::ops::RangeInclusive<u64> = 1..=16;
/// Bytes of a prefix: it is part of every key, and is to be read.
const PREFIX_BYTES_MAX: usize = 64;

#[derive(Clone, Copy)]
enum Kind {
    Always,
    EverySecond,
    Replicas,
}

/// The section: `Some(None)` if no Redis is named and none is needed; `None` after a mistake.
pub(super) fn redis(reader: &mut Reader, needed: bool) -> Option<Option<Settings>> {
    let at = at(reader, needed);
    let username = reader.text("journal.redis.username");
    let password = password(reader, "secrets.redis_password");
    let authority = authority(reader);
    let durability = durability(reader);
    let response_ms = reader.number("journal.redis.response_ms", WAIT_MS);
    let connect_ms = reader.number("journal.redis.connect_ms", WAIT_MS);
    let lease_ms = reader.number("journal.redis.lease_ms", LEASE_MS);
    let prefix = prefix(reader);
    if let (Some(lease_ms), Some(response_ms)) = (lease_ms, response_ms)
        && lease_ms < BEAT_MS + response_ms
    {
        let least = BEAT_MS + response_ms;
        reader.wrong(
            "journal.redis.lease_ms",
            format!("must be at least {least}: a beat each second, and response_ms for its answer"),
        );
    }
    let (at, password, authority, durability) = (at?, password?, authority?, durability?);
    if username.as_ref().is_some_and(|username| !username.is_empty()) && password.is_none() {
        reader.wrong("journal.redis.username", "needs secrets.redis_password beside it");
        return None;
    }
    let (username, response_ms, connect_ms) = (username?, response_ms?, connect_ms?);
    let (lease_ms, prefix) = (lease_ms?, prefix?);
    Some(at.map(|at| Settings {
        at,
        username: Some(username).filter(|username| !username.is_empty()),
        password,
        authority,
        durability,
        response_ms,
        connect_ms,
        lease_ms,
        prefix,
    }))
}

/// One address, or some Sentinels; `Some(None)` if neither is given nor needed.
fn at(reader: &mut Reader, needed: bool) -> Option<Option<At>> {
    const URL: &str = "journal.redis.url";
    let url = reader.text(URL);
    let sentinels = sentinels(reader);
    let service = reader.text("journal.redis.service");
    let password = password(reader, "secrets.sentinel_password");
    let (url, sentinels, service, password) = (url?, sentinels?, service?, password?);
    match (url.is_empty(), sentinels.is_empty()) {
        (false, false) => {
            reader.wrong(URL, "must be empty beside journal.redis.sentinels: give one of the two");
            None
        }
        (false, true) => Some(Some(At::Server(address(reader, URL, &url)?))),
        (true, false) if service.is_empty() => {
            reader.wrong("journal.redis.service", "is needed beside journal.redis.sentinels");
            None
        }
        (true, false) => Some(Some(At::Sentinels { sentinels, service, password })),
        (true, true) if needed => {
            reader.wrong(URL, "must name a Redis, as in redis://127.0.0.1:6379; or name Sentinels");
            None
        }
        (true, true) => Some(None),
    }
}

fn sentinels(reader: &mut Reader) -> Option<Vec<Address>> {
    const KEY: &str = "journal.redis.sentinels";
    let urls = reader.list(KEY)?;
    let read: Vec<_> = urls.iter().map(|url| address(reader, KEY, url)).collect();
    read.into_iter().collect()
}

/// Never repeats the text, which may hold a password.
fn address(reader: &mut Reader, key: &str, url: &str) -> Option<Address> {
    Address::read(url).map_err(|fault| reader.wrong(key, fault.to_string())).ok()
}

fn authority(reader: &mut Reader) -> Option<Option<std::sync::Arc<[u8]>>> {
    const KEY: &str = "journal.redis.tls_authority";
    let Some(file) = reader.path(KEY) else { return Some(None) };
    let read = std::fs::read(&file);
    let read = read.map_err(|fault| reader.wrong(KEY, format!("{}: {fault}", file.display())));
    read.ok().map(|bytes| Some(bytes.into()))
}

fn durability(reader: &mut Reader) -> Option<Durability> {
    let kinds =
        [("always", Kind::Always), ("everysec", Kind::EverySecond), ("replicas", Kind::Replicas)];
    let kind = reader.choice("journal.redis.durability", &kinds);
    let count = reader.number("journal.redis.replicas", REPLICAS);
    let wait_ms = reader.number("journal.redis.replica_wait_ms", WAIT_MS);
    Some(match (kind?, count?, wait_ms?) {
        (Kind::Always, ..) => Durability::Always,
        (Kind::EverySecond, ..) => Durability::EverySecond,
        (Kind::Replicas, count, wait_ms) => Durability::Replicas { count, wait_ms },
    })
}

fn prefix(reader: &mut Reader) -> Option<String> {
    const KEY: &str = "journal.redis.prefix";
    let prefix = reader.text(KEY)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    if !prefix.is_empty() && prefix.len() <= PREFIX_BYTES_MAX && prefix.bytes().all(plain) {
        return Some(prefix);
    }
    let wrong = format!("must be 1 to {PREFIX_BYTES_MAX} of: letters, digits, . _ : -");
    reader.wrong(KEY, wrong);
    None
}
