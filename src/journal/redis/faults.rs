//! What Redis refuses, or fails at, as a fault of the journal that an operator understands.

use redis::{ErrorKind, RedisError};

use crate::journal::fault::JournalFault;

/// What each refusal of Redis means. Its own words follow where they add something.
const REFUSALS: &[(&str, &str)] = &[
    ("READONLY", "this Redis is a replica now: it was demoted, or a failover is under way"),
    ("OOM", "Redis is out of memory: raise its maxmemory, or free some"),
    ("MISCONF", "Redis cannot write to its own disk: look at its log"),
    ("NOAUTH", "Redis wants a password"),
    ("WRONGPASS", "Redis does not know this name with this password"),
    ("NOREPLICAS", "Redis has fewer good replicas than its min-replicas-to-write"),
    ("MASTERDOWN", "this Redis is a replica without its primary"),
    ("CLUSTERDOWN", "the Redis Cluster is down"),
    ("BUSY", "Redis is busy with a script of somebody else"),
    ("EXECABORT", "Redis gave up on what was asked"),
];

/// Refusals that mean that nobody is there yet.
const ABSENCES: &[(&str, &str)] =
    &[("LOADING", "Redis is loading its data"), ("TRYAGAIN", "Redis is moving data")];

/// Refusals that no waiting mends.
const UNSAFE: &[(&str, &str)] = &[
    ("MOVED", "this node of a Redis Cluster does not hold the journal: name the one that does"),
    ("ASK", "the journal is being moved to another node of a Redis Cluster"),
    ("CROSSSLOT", "this Redis Cluster does not keep one sale's keys together"),
    ("UNKNOWN", "Redis lacks a command: 7.0 or newer is needed, with none of them renamed"),
];

/// Sorts an error of the client. `doing` says what it was met at.
pub(super) fn sort(doing: &str, error: RedisError) -> JournalFault {
    if error.kind() == ErrorKind::AuthenticationFailed {
        return refused(format!("{} ({doing})", meaning(REFUSALS, "WRONGPASS").unwrap_or(doing)));
    }
    match error.clone().into_server_errors().as_deref() {
        Some([(_, first), ..]) => {
            answered(doing, first.code(), first.details().unwrap_or_default())
        }
        _ => JournalFault::Unreachable { what: unanswered(doing, &error) },
    }
}

/// What a refusal of the server is, by its code.
fn answered(doing: &str, code: &str, details: &str) -> JournalFault {
    if let Some(meaning) = meaning(REFUSALS, code) {
        return refused(format!("{meaning} ({code}, {doing})"));
    }
    if let Some(meaning) = meaning(ABSENCES, code) {
        return JournalFault::Unreachable { what: format!("{meaning} ({code}, {doing})") };
    }
    let unknown = details.starts_with("unknown ") || details.starts_with("Unknown ");
    if let Some(meaning) = meaning(UNSAFE, if unknown { "UNKNOWN" } else { code }) {
        return JournalFault::Unsafe { what: format!("{meaning} ({doing}: {details})") };
    }
    match code {
        "NOPERM" => refused(format!("Redis does not permit it, {doing}: {details}")),
        "WRONGTYPE" => JournalFault::corrupt(doing, "the key holds something else"),
        _ => refused(format!("{doing}: {code} {details}")),
    }
}

/// Why there was no answer.
fn unanswered(doing: &str, error: &RedisError) -> String {
    if error.is_timeout() {
        format!("Redis does not answer in time ({doing})")
    } else if error.is_connection_refusal() {
        format!("nothing listens there ({doing})")
    } else if error.is_connection_dropped() {
        format!("the connection was lost ({doing})")
    } else {
        format!("{error} ({doing})")
    }
}

fn meaning(of: &[(&str, &'static str)], code: &str) -> Option<&'static str> {
    of.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

fn refused(what: String) -> JournalFault {
    JournalFault::Refused { what }
}
