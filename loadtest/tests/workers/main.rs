//! Workers and their coordinator: who works for whom, what is lost, what adds up.

#[path = "../built/mod.rs"]
mod built;
mod lost;
mod own;
mod secret;
mod together;
