//! The floor: a bare hyper that answers every request with one constant, as fast as hyper can.
//!
//! `floor FILE` answers what the file holds. Runs on the same runtime and allocator as the server,
//! and does nothing that the server does: no deadline, no limit, no route, no metric. Prints its
//! address; ends when its standard input does.

mod answer;
mod listen;

use std::sync::Arc;

use anyhow::Context;

use answer::Answer;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let file = std::env::args().nth(1).context("name the file that holds the answer")?;
    let constant = Arc::new(Answer::read(&file)?);
    listen::runtime()?.block_on(listen::serve("floor", &[], move |_| {
        let response = constant.with(constant.body.clone());
        async move { response }
    }))
}
