//! The real binary beside a real Redis that is killed, stopped, cut off, filled and set back.

#[path = "../../support/proxy.rs"]
mod proxy;
#[path = "../../support/redis.rs"]
mod redis_server;

mod itself;
mod way;
