//! The engine: under a seed, without threads; and with its threads.
