//! Workers and their coordinator: who works for whom, what is lost, what adds up.

mod lost;
mod own;
mod secret;
mod together;
