//! The whole core against a naive model, under seeded visitors, and under hostile commands.

#![allow(unreachable_pub, clippy::print_stderr, reason = "a program of tests")]

mod support;
mod naive;
mod world;
mod steps;
mod stories;
mod steered;
mod sale;
mod simulation;
mod strange;
mod hostile;
mod mirror;
