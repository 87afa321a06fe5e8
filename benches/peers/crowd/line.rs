//! A line in front of a full shop: everybody polls, and whoever is first asks all the time.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use http::Method;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::door::{Door, request, token_of};
use crate::{PATIENCE, ms, pause};

/// How often the first in line asks.
const FRESH: Duration = Duration::from_millis(5);
/// How often everybody else asks, as they are told at the back of a long line.
const POLL: Duration = Duration::from_secs(20);
/// Connections that share those polls.
const POLLING_DOORS: usize = 64;

/// Everybody who waits, in order, by their tokens.
pub(crate) struct Line {
    address: String,
    sale: String,
    waiting: Vec<String>,
}

impl Line {
    /// Fills the shop and lets the others wait; with the passes of those inside.
    pub(crate) async fn form(
        address: &str,
        sale: &str,
        cap: usize,
        waiting: usize,
    ) -> anyhow::Result<(Self, Vec<String>)> {
        let mut door = Door::open(address, Ipv4Addr::LOCALHOST).await?;
        let mut first = Vec::new();
        let path = format!("/v1/sales/{sale}/places");
        for _ in 0..cap + waiting {
            first.push(token_of(&door.ask(request(Method::POST, &path, "", None)?).await?)?);
        }
        let waiting = first.split_off(cap);
        let line = Self { address: address.to_owned(), sale: sale.to_owned(), waiting };
        let mut shop = Vec::new();
        for place in first {
            line.until_called(&mut door, &place).await?;
            shop.push(line.claim(&mut door, &place).await?);
        }
        Ok((line, shop))
    }

    /// Lets those in the shop leave, one by one, while all who wait poll.
    pub(crate) async fn call(&self, shop: Vec<String>, times: usize) -> anyhow::Result<()> {
        let mut polling = JoinSet::new();
        for share in self.waiting.chunks(self.waiting.len().div_ceil(POLLING_DOORS)) {
            let door = Door::open(&self.address, Ipv4Addr::LOCALHOST).await?;
            polling.spawn(poll_for(door, self.path("places/me"), share.to_vec()));
        }
        tokio::select! {
            measured = self.free_slots(shop, times) => measured,
            Some(failed) = polling.join_next() => failed?,
        }
    }

    #[expect(clippy::print_stdout, reason = "whoever drives it reads the figures")]
    async fn free_slots(&self, shop: Vec<String>, times: usize) -> anyhow::Result<()> {
        let mut polls = Door::open(&self.address, Ipv4Addr::LOCALHOST).await?;
        let mut leaves = Door::open(&self.address, Ipv4Addr::LOCALHOST).await?;
        let mut shop = VecDeque::from(shop);
        for next in self.waiting.iter().take(times) {
            pause().await;
            ensure!(self.state(&mut polls, next).await? == "waiting", "called while none was free");
            let pass = shop.pop_front().context("somebody is in the shop")?;
            let leave = request(Method::DELETE, &self.path("passes/me"), &pass, None)?;
            let began = Instant::now();
            let left = async {
                leaves.ask(leave).await?;
                anyhow::Ok(began.elapsed())
            };
            let called = async {
                self.until_called(&mut polls, next).await?;
                anyhow::Ok(began.elapsed())
            };
            let (left, called) = tokio::try_join!(left, called)?;
            println!("{:.3} {:.3}", ms(left), ms(called));
            shop.push_back(self.claim(&mut leaves, next).await?);
        }
        Ok(())
    }

    async fn until_called(&self, door: &mut Door, place: &str) -> anyhow::Result<()> {
        let mut beat = interval(FRESH);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let called = async {
            while self.state(door, place).await? != "called" {
                beat.tick().await;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, called).await.context("not called")?
    }

    async fn state(&self, door: &mut Door, place: &str) -> anyhow::Result<String> {
        let standing =
            door.ask(request(Method::GET, &self.path("places/me"), place, None)?).await?;
        Ok(standing["state"].as_str().context("a place has a state")?.to_owned())
    }

    async fn claim(&self, door: &mut Door, place: &str) -> anyhow::Result<String> {
        token_of(&door.ask(request(Method::POST, &self.path("passes"), place, None)?).await?)
    }

    fn path(&self, of: &str) -> String {
        format!("/v1/sales/{}/{of}", self.sale)
    }
}

/// Asks for one place after the other, each as often as a visitor would, for good.
async fn poll_for(mut door: Door, path: String, places: Vec<String>) -> anyhow::Result<()> {
    let mut beat = interval(POLL / u32::try_from(places.len())?);
    for place in places.iter().cycle() {
        beat.tick().await;
        door.ask(request(Method::GET, &path, place, None)?).await?;
    }
    bail!("a line has somebody in it")
}
