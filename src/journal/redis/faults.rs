//! What Redis refuses, or fails at, as a fault of the journal that an operator understands.

use std::error::Error;
use std::io;
use std::sync::Arc;

use redis::{ErrorKind, RedisError};
use rustls::CertificateError;

use crate::journal::fault::JournalFault;

/// What an answer of Redis comes to.
#[derive(Clone, Copy)]
enum Kind {
    /// Nobody is there yet.
    Absent,
    /// It does not write now.
    Refused,
    /// It does not let us.
    Denied,
    /// No waiting mends it.
    Unsafe,
}

/// What each answer of Redis means.
const ANSWERS: &[(&str, Kind, &str)] = &[
    ("LOADING", Kind::Absent, "Redis is loading its data"),
    ("TRYAGAIN", Kind::Absent, "Redis is moving data"),
    (
        "READONLY",
        Kind::Refused,
        "this Redis is a replica now: it was demoted, or a failover is under way",
    ),
    ("OOM", Kind::Refused, "Redis is out of memory: raise its maxmemory, or free some"),
    ("MISCONF", Kind::Refused, "Redis cannot write to its own disk: look at its log"),
    ("NOREPLICAS", Kind::Refused, "Redis has fewer good replicas than its min-replicas-to-write"),
    ("MASTERDOWN", Kind::Refused, "this Redis is a replica without its primary"),
    ("CLUSTERDOWN", Kind::Refused, "the Redis Cluster is down"),
    ("BUSY", Kind::Refused, "Redis is busy with a script of somebody else"),
    ("EXECABORT", Kind::Refused, "Redis gave up on what was asked"),
    ("NOAUTH", Kind::Denied, "Redis wants a password"),
    ("WRONGPASS", Kind::Denied, "Redis does not know this name with this password"),
    ("NOPERM", Kind::Denied, "the rules (ACL) of Redis do not permit it to this name"),
    ("DENIED", Kind::Denied, "Redis is in protected mode: give it a password"),
    (
        "MOVED",
        Kind::Unsafe,
        "this node of a Redis Cluster does not hold the journal: name the one that does",
    ),
    ("ASK", Kind::Unsafe, "the journal is being moved to another node of a Redis Cluster"),
    ("CROSSSLOT", Kind::Unsafe, "this Redis Cluster does not keep one sale's keys together"),
    (
        "UNKNOWN",
        Kind::Unsafe,
        "Redis lacks a command: 7.0 or newer is needed, with none of them renamed",
    ),
];

/// How answers begin that have no code of their own, and which one they are.
const UNCODED: &[(&str, &str)] = &[
    ("unknown ", "UNKNOWN"),
    ("Unknown ", "UNKNOWN"),
    // What the rules forbid inside a script: in Redis 7.0, and in later ones and Valkey.
    ("The user executing the script ", "NOPERM"),
    ("ACL failure in script", "NOPERM"),
];

/// Sorts an error of the client. `doing` says what it was met at.
pub(super) fn sort(doing: &str, error: RedisError) -> JournalFault {
    if error.kind() == ErrorKind::AuthenticationFailed {
        return answered(doing, "WRONGPASS", "");
    }
    if let Some(why) = disbelieved(&error) {
        let what = format!("its certificate is not believed ({doing}): {why}");
        return JournalFault::Unsafe { what };
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
    let uncoded = UNCODED.iter().find(|(start, _)| code == "ERR" && details.starts_with(start));
    let code = uncoded.map_or(code, |(_, code)| code);
    let Some((_, kind, meaning)) = ANSWERS.iter().find(|(known, ..)| *known == code) else {
        return match code {
            "WRONGTYPE" => JournalFault::corrupt(doing, "the key holds something else"),
            _ => JournalFault::Refused { what: format!("{doing}: {code} {details}") },
        };
    };
    let brief = format!("{meaning} ({code}, {doing})");
    let whole = format!("{meaning} ({doing}: {details})");
    match kind {
        Kind::Absent => JournalFault::Unreachable { what: brief },
        Kind::Refused => JournalFault::Refused { what: brief },
        Kind::Denied => {
            JournalFault::Denied { what: if details.is_empty() { brief } else { whole } }
        }
        Kind::Unsafe => JournalFault::Unsafe { what: whole },
    }
}

/// Why whoever answered is not the one that was meant, if that is what failed.
fn disbelieved(error: &RedisError) -> Option<&CertificateError> {
    let shared = error.source()?.downcast_ref::<Arc<dyn Error + Send + Sync>>()?;
    let inner = shared.downcast_ref::<io::Error>()?.get_ref()?;
    match inner.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(why) => Some(why),
        _ => None,
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
