//! A sale's records in Redis, read past the server: what is really there.

use std::net::SocketAddr;

use super::redis_server::{Redis, Reply, ask};
use crate::night::server::SALE;

/// Read at once.
const PAGE: usize = 1_000;

/// One record's id: the epoch of its writer, and its sequence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Id {
    pub(super) epoch: u64,
    pub(super) sequence: u64,
}

/// The key of the sale's stream.
pub(super) fn key() -> String {
    format!("stanchion:{{{SALE}}}:journal")
}

/// The newest record; none if there is no stream.
pub(super) fn last(redis: &Redis) -> Option<Id> {
    last_at(redis.address())
}

/// The newest record of whoever listens there; none if nobody does.
pub(super) fn last_at(redis: SocketAddr) -> Option<Id> {
    let found = ask(redis, None, &["XREVRANGE", &key(), "+", "-", "COUNT", "1"]);
    found.ok()?.list().first().map(id)
}

/// All records that are kept, which must be one line of them: each sequence once, none missing, and
/// none of an epoch after one of a later epoch.
pub(super) fn require_one_line(redis: &Redis) -> Vec<Id> {
    let mut ids: Vec<Id> = Vec::new();
    let mut start = "-".to_owned();
    loop {
        let page = redis.must(&["XRANGE", &key(), &start, "+", "COUNT", &PAGE.to_string()]);
        ids.extend(page.list().iter().map(id));
        let Some(Id { epoch, sequence }) = ids.last().filter(|_| !page.list().is_empty()) else {
            break;
        };
        start = format!("({epoch}-{sequence}");
    }
    for pair in ids.windows(2) {
        let (one, next) = (pair[0], pair[1]);
        let follows = next.sequence == one.sequence + 1 && next.epoch >= one.epoch;
        assert!(follows, "{one:?} is followed by {next:?}");
    }
    ids
}

/// How many writers there were.
pub(super) fn epochs(ids: &[Id]) -> usize {
    ids.chunk_by(|one, next| one.epoch == next.epoch).count()
}

fn id(entry: &Reply) -> Id {
    let text = entry.list()[0].text().expect("an entry begins with its id");
    let parts = text.split_once('-').expect("an id has two numbers");
    let number = |part: &str| part.parse().expect("an id has two numbers");
    Id { epoch: number(parts.0), sequence: number(parts.1) }
}
