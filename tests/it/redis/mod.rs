//! The real binary beside a real Redis that is killed, stopped, cut off, filled and set back; and a
//! second one that stands by.
//!
//! Stories as in `crash`, with the same crowd and the same reckoning: here the journal is in a
//! Redis that the story owns, mostly reached through a way over which it has power.
#![expect(clippy::print_stdout, reason = "a story says what it saw, for whoever reads the run")]

#[path = "../../support/proxy.rs"]
mod proxy;
#[path = "../../support/redis.rs"]
pub(crate) mod redis_server;

mod board;
mod itself;
mod keys;
mod late;
mod outages;
mod pair;
mod power;
mod replicas;
mod slow;
mod standby;
mod story;
mod stream;
mod time;
mod tls;
mod way;
mod wiped;
