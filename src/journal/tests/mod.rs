//! What every journal has to do, and what bytes have to survive.

mod codec;
mod conformance;
mod faulty;
mod golden;
mod image;
pub(crate) mod samples;
#[path = "../../../tests/support/redis.rs"]
pub(crate) mod servers;
