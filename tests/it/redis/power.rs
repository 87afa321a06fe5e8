//! Redis loses its power: a writer that lives gives back what is missing. If it dies with Redis,
//! what each mode promises is there, and what one mode may lose is no more than it says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::task::block_in_place;

use super::redis_server::{ALWAYS, EVERYSEC, Redis};
use super::story::{Journal, Story};
use super::stream::{self, Id};
use crate::night::power::{Mount, make_device};
use crate::night::{alone, seed};

/// Power cuts of the mode that loses nothing.
const CUTS: usize = 3;
/// What `everysec` may lose: Redis syncs each second, and lets a sync take another.
const LOST: Duration = Duration::from_secs(2);
/// Between two looks at the newest record.
const LOOK: Duration = Duration::from_millis(20);

/// A Redis on a disk of its own.
struct Powered {
    folder: TempDir,
    mount: Option<Mount>,
}

impl Powered {
    /// A disk, mounted; `None` where none can be.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("data")).expect("a folder");
        let mut powered = Self { folder, mount: None };
        let made = make_device(&powered.folder.path().join("device"));
        match made.and_then(|()| powered.mount()) {
            Ok(()) => Some(powered),
            Err(fault) => {
                println!("power cut: NOT RUN, no loop device can be mounted here: {fault}");
                None
            }
        }
    }

    fn mount(&mut self) -> Result<(), String> {
        let (data, device) = (self.folder.path().join("data"), self.folder.path().join("device"));
        self.mount = Some(Mount::device(data, &device)?);
        Ok(())
    }

    fn start(&self, options: &str) -> Redis {
        Redis::start_in(&self.folder.path().join("data"), options)
    }

    /// Cuts the power of Redis, and ends the writer at the same moment; then Redis is there again.
    fn cut_both(&mut self, story: &mut Story) {
        // Nobody hears an answer that was given after the cut.
        story.night.server.signal("STOP");
        self.cut(&mut story.redis, || story.night.kill());
    }

    /// Cuts the power of Redis, lets something else happen, and starts Redis again.
    fn cut(&mut self, redis: &mut Redis, then: impl FnOnce()) {
        self.mount.as_ref().expect("it is mounted").cut_power();
        then();
        redis.kill();
        self.mount = None;
        self.mount().expect("it was mounted before");
        redis.restart();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn always_loses_nothing_with_the_power() {
    let _turn = alone().await;
    let seed = seed("power of Redis, always");
    let Some(mut powered) = Powered::new() else { return };
    let redis = powered.start(ALWAYS);
    let journal = Journal::at(redis.address());
    let mut story = Story::begin(redis, journal, seed).await;
    for _ in 0..CUTS {
        story.sells().await;
        block_in_place(|| {
            powered.cut_both(&mut story);
            story.night.restart();
        });
        story.night.require_truth();
    }
    let reckoning = story.reckon().await;
    println!("power of Redis, always: {CUTS} cuts; {reckoning:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everysec_loses_no_more_with_the_power_than_it_says() {
    let _turn = alone().await;
    let seed = seed("power of Redis, everysec");
    let Some(mut powered) = Powered::new() else { return };
    let redis = powered.start(EVERYSEC);
    let journal = Journal { durability: "everysec", ..Journal::at(redis.address()) };
    let mut story = Story::begin(redis, journal, seed).await;
    story.sells().await;
    block_in_place(|| powered.cut(&mut story.redis, || ()));
    let resumed = story.resumes().await;
    println!("power of Redis, everysec: the writer gave back what was lost after {resumed:?}");
    story.sells().await;
    story.night.require_truth();
    stream::require_one_line(&story.redis);

    let stop = Arc::new(AtomicBool::new(false));
    let looks = {
        let (stop, address) = (Arc::clone(&stop), story.redis.address());
        std::thread::spawn(move || look(address, &stop))
    };
    tokio::time::sleep(LOST + LOST / 2).await;
    let cut = Instant::now();
    block_in_place(|| powered.cut_both(&mut story));
    stop.store(true, Ordering::Relaxed);
    let seen = looks.join().expect("no panic");
    let kept = stream::last(&story.redis).expect("most of it is there");
    let newest = seen.last().expect("it was looked at").1;
    let at = seen.iter().rev().find(|(_, id)| *id <= kept).map(|(at, _)| *at);
    let lost = cut.duration_since(at.expect("something was looked at that was kept"));
    println!("power of Redis, everysec: kept {kept:?} of {newest:?}, the newest {lost:?} old");
    assert!(lost < LOST, "{lost:?} of records are lost");
    stream::require_one_line(&story.redis);
}

/// Notes the newest record again and again, until there is no Redis or it is time to stop.
fn look(redis: SocketAddr, stop: &AtomicBool) -> Vec<(Instant, Id)> {
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let at = Instant::now();
        let Some(id) = stream::last_at(redis) else { break };
        seen.push((at, id));
        std::thread::sleep(LOOK);
    }
    seen
}
