//! Redis loses its power: a writer that lives gives back what is missing. If it dies with Redis,
//! what each mode promises is there, and what one mode may lose is no more than it says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::task::block_in_place;

use super::redis_server::{ALWAYS, EVERYSEC, Redis};
use super::story::{Journal, SOME, Story};
use super::stream::{self, Id};
use crate::night::clients::{Crowd, Manner};
use crate::night::power::{Mount, make_device};
use crate::night::server::{BOUND, SALE, Site, seats};
use crate::night::shopper::Shopper;
use crate::night::web::Ask;
use crate::night::{alone, seed, verify};

/// Where a writer notes how far the journal was acknowledged.
const MARK: &str = "redis-mark";
/// Power cuts of the mode that loses nothing.
const CUTS: usize = 3;
/// What `everysec` may lose: Redis syncs each second, and lets a sync take another.
const LOST: Duration = Duration::from_secs(2);
/// Between two looks at the newest record.
const LOOK: Duration = Duration::from_millis(20);
/// Between two looks at the mark: what was acknowledged last is to be lost.
const GLANCE: Duration = Duration::from_millis(2);
/// Power cuts until one loses what the mark has: Redis may have synced a moment before.
const TRIES: usize = 5;
const NOBODY: Manner = Manner { visitors: 0, ..SOME };

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

#[tokio::test(flavor = "multi_thread")]
async fn whoever_starts_after_a_power_cut_that_lost_records_is_told_so_and_decides() {
    let _turn = alone().await;
    let seed = seed("power of Redis and the writer");
    let Some(mut powered) = Powered::new() else { return };
    let redis = powered.start(EVERYSEC);
    let journal = Journal { durability: "everysec", ..Journal::at(redis.address()) };
    let mut story = Story::begin(redis, journal, seed).await;
    let (kept, marked) = lose_what_is_marked(&mut powered, &mut story).await;

    let site = &story.night.site;
    let lost = format!("records {} to {}", kept.sequence + 1, marked.sequence);
    let mark = site.journal().join(MARK);
    for _ in 0..2 {
        let said = block_in_place(|| refusal(site));
        println!("power of Redis and the writer: {said}");
        let words = [SALE, &lost, "acknowledged", "Redis lacks them", "move that file away"];
        let missing = words.iter().find(|word| !said.contains(*word));
        assert!(missing.is_none() && said.contains(&mark.display().to_string()), "{said}");
        assert_eq!(stream::last(&story.redis), Some(kept), "nothing is written to it");
    }

    std::fs::rename(&mark, site.file("mark that was moved away")).expect("it is there");
    let mut server = block_in_place(|| site.start());
    let crowd = Crowd::new(site, NOBODY);
    crowd.web.reach(&server);
    let map = Ask::get("seats", "/performances/p1/seats").bearer(&crowd.shop);
    let letters = crowd.web.insist(&map).await.expect("a seat map").text("seats");
    let free = letters.find('a').expect("not everything is sold");
    Shopper::enter(&crowd, seed, &seats()[free]).await.pay().await;
    server.signal("TERM");
    assert_eq!(block_in_place(|| server.ended()).code(), Some(0), "{}", site.log());
    let ids = stream::require_one_line(&story.redis);
    assert!(ids.contains(&kept) && !ids.contains(&marked), "what is lost stays so");
    assert!(ids.iter().any(|id| id.epoch > marked.epoch), "it goes on as another writer");
    verify(site);
}

/// Cuts the power of Redis and of its writer, until that loses what the writer's mark has. Says
/// where the stream ends, and where the mark is.
async fn lose_what_is_marked(powered: &mut Powered, story: &mut Story) -> (Id, Id) {
    for _ in 0..TRIES {
        story.sells().await;
        block_in_place(|| {
            let before = marked(&story.night.site);
            while marked(&story.night.site) == before {
                std::thread::sleep(GLANCE);
            }
            powered.cut_both(story);
        });
        let kept = stream::last(&story.redis).expect("most of it is there");
        let marked = marked(&story.night.site).expect("it was moved");
        if kept < marked {
            return (kept, marked);
        }
        println!("power of Redis and the writer: {kept:?} was synced, and {marked:?} marked");
        block_in_place(|| story.night.restart());
    }
    panic!("Redis never loses anything");
}

/// How far this machine knows that the journal was acknowledged; none before it knows anything.
fn marked(site: &Site) -> Option<Id> {
    let bytes = std::fs::read(site.journal().join(MARK)).ok()?;
    let sequence = u64::from_le_bytes(bytes.get(8..16)?.try_into().ok()?);
    let epoch = u32::from_le_bytes(bytes.get(16..20)?.try_into().ok()?);
    Some(Id { epoch: epoch.into(), sequence })
}

/// What a server says that does not start.
fn refusal(site: &Site) -> String {
    let server = site.command();
    let output = std::process::Command::new("timeout")
        .arg(BOUND.as_secs().to_string())
        .arg(server.get_program())
        .args(server.get_args())
        .output()
        .expect("it can be run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
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
