//! What a person starts from a shell.

pub mod demo;
