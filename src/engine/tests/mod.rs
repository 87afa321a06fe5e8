//! The engine: under a seed, without threads; and with its threads.

mod books;
mod night;
mod process;
mod replay;
mod server;
mod shown;
mod simulation;
mod succession;
mod takeover;
mod threads;
mod turns;
mod venue;
mod visitors;
mod witness;
mod world;
