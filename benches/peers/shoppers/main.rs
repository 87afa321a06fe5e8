//! Shoppers who hold and release, over HTTP or over RESP, as many at once and with one client.
//!
//! `shoppers claim ADDRESS SALE COUNT` joins and waits for the calls; prints a pass token a line.
//! `shoppers http ADDRESS SALE PASSES SECONDS` lets those in the file `PASSES` hold and release,
//! `shoppers redis ADDRESS COUNT SECONDS REPLICAS` so many clients of a script, each of which waits
//! for so many replicas. Each shopper has a connection and one request under way. Prints one line:
//! pairs of a hold and a release, and seconds. Ends with the first answer that is not a good one.
//! Knows none of the server's code.

mod line;
mod script;
mod visitor;

use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::task::JoinSet;

use script::Script;
use visitor::Visitor;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    match asked[..] {
        ["claim", address, sale, count] => claim(address, sale, count.parse()?).await,
        ["http", address, sale, passes, seconds] => {
            let mut shoppers = Vec::new();
            for pass in std::fs::read_to_string(passes)?.lines() {
                shoppers.push(Visitor::with_pass(address, sale, pass.to_owned()).await?);
            }
            shop(shoppers, seconds.parse()?, Visitor::hold_and_release).await
        }
        ["redis", address, count, seconds, replicas] => {
            let mut shoppers = Vec::new();
            for number in 0..count.parse()? {
                shoppers.push(Script::load(address, number, replicas.parse()?).await?);
            }
            shop(shoppers, seconds.parse()?, Script::hold_and_release).await
        }
        _ => bail!(
            "shoppers claim ADDRESS SALE COUNT | shoppers http ADDRESS SALE PASSES SECONDS | \
             shoppers redis ADDRESS COUNT SECONDS REPLICAS"
        ),
    }
}

#[expect(clippy::print_stdout, reason = "whoever drives it keeps the passes")]
async fn claim(address: &str, sale: &str, count: usize) -> anyhow::Result<()> {
    let mut arriving = JoinSet::new();
    for _ in 0..count {
        let (address, sale) = (address.to_owned(), sale.to_owned());
        arriving.spawn(async move { Visitor::arrive(&address, &sale).await });
    }
    while let Some(visitor) = arriving.join_next().await {
        println!("{}", visitor??.token);
    }
    Ok(())
}

/// Lets everybody hold and release until the time is over.
#[expect(clippy::print_stdout, reason = "whoever drives it reads the figures")]
async fn shop<S: 'static>(
    shoppers: Vec<S>,
    seconds: u64,
    pair: impl AsyncFn(&mut S) -> anyhow::Result<()> + Copy + 'static,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = shoppers
        .into_iter()
        .map(|mut shopper| {
            local.spawn_local(async move {
                let mut pairs = 0_u64;
                while Instant::now() < until {
                    pair(&mut shopper).await?;
                    pairs += 1;
                }
                anyhow::Ok(pairs)
            })
        })
        .collect();
    let pairs = local.run_until(async {
        let mut pairs = 0;
        for task in tasks {
            pairs += task.await??;
        }
        anyhow::Ok(pairs)
    });
    println!("pairs {} seconds {:.3}", pairs.await?, began.elapsed().as_secs_f64());
    Ok(())
}
