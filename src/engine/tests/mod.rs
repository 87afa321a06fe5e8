//! The engine: under a seed, without threads; and with its threads.

mod night;
mod server;
mod simulation;
mod threads;
mod visitors;
mod witness;
mod world;
