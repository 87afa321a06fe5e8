//! The crowd, the staff and the HTTP client against servers: small fakes that misbehave in one way,
//! and the real one.

#[path = "../built/mod.rs"]
mod built;
mod fake;
mod insist;
mod real;
mod server;
mod web;
