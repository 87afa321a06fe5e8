//! The real binary beside a real Redis that is killed, stopped, cut off, filled and set back; and a
//! second one that stands by.
//!
//! Stories as in `crash`, with the same crowd and the same reckoning: here the journal is in a
//! Redis that the story owns, mostly reached through a way over which it has power.

#[path = "../../support/proxy.rs"]
mod proxy;
#[path = "../../support/redis.rs"]
mod redis_server;

mod itself;
mod way;
