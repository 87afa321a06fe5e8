//! Wall clocks that jump, and a monotonic clock that begins elsewhere: no deadline notices.

use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

use crate::night::clients::{Crowd, Manner};
use crate::night::server::{LONG, Plan, Server, Site};
use crate::night::shopper::Shopper;
use crate::night::{Night, alone, desk, seed, until};

const NOBODY: Manner =
    Manner { visitors: 0, visits: 0, wanted: 4, paid_percent: 0, hurried: false, lingers_ms: 0 };
const HOUR_S: i64 = 3_600;
/// Sale time over which a sale is looked at after its clock was moved: a hundred ticks.
const LOOKED_MS: u64 = 2_500;

/// Starts a server whose wall clock, and nothing else, can be moved.
fn start(site: &Site) -> Server {
    move_wall(site, 0);
    let server = site.start_as(with_faketime(site, &mut site.command()));
    let maps = fs::read_to_string(format!("/proc/{}/maps", server.pid())).expect("it runs");
    assert!(maps.contains("libfaketimeMT"), "its clocks can be moved");
    server
}

fn with_faketime<'c>(site: &Site, command: &'c mut Command) -> &'c mut Command {
    command
        .env("LD_PRELOAD", faketime())
        .env("FAKETIME_TIMESTAMP_FILE", site.file("wall"))
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
}

/// Where the library that moves clocks is.
fn faketime() -> String {
    let listed = Command::new("dpkg").args(["-L", "libfaketime"]).output();
    let listed = listed.map(|listed| String::from_utf8_lossy(&listed.stdout).into_owned());
    let listed = listed.unwrap_or_default();
    let library = listed.lines().find(|line| line.ends_with("libfaketimeMT.so.1"));
    library.expect("faketime is installed: scripts/install-deps.sh installs it").to_owned()
}

fn move_wall(site: &Site, by_s: i64) {
    // Renamed into its place, so that nobody reads half of it.
    fs::write(site.file("wall.new"), format!("{by_s:+}")).expect("a file");
    fs::rename(site.file("wall.new"), site.file("wall")).expect("a file");
}

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("not so far")
}

fn instant(in_s: i64) -> Option<String> {
    Some(Timestamp::from_second(now_s() + in_s).expect("an instant").to_string())
}

/// Moves the clock, which every reading sees from then on.
fn jump(site: &Site, by_s: i64) {
    move_wall(site, by_s);
    let said = with_faketime(site, Command::new("date").arg("+%s")).output().expect("date");
    let said: i64 = String::from_utf8_lossy(&said.stdout).trim().parse().expect("seconds");
    assert!((said - now_s() - by_s).abs() < 60, "the clock has moved");
}

async fn phase_stays(site: &Site, crowd: &Crowd, phase: &str) {
    let look = async || {
        let seen = desk(&crowd.web, &site.staff).await;
        assert_eq!(seen.body["sale"]["phase"], phase, "{seen:?}");
        seen.body["time"]["sale_time_ms"].as_u64().expect("a time")
    };
    let enough = look().await + LOOKED_MS;
    until("sale time goes on", async || (look().await > enough).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_clock_that_jumps_ahead_does_not_open_a_sale_early() {
    let _turn = alone().await;
    let site = Site::new(&Plan { cap: 4, policy: LONG, opens_at: instant(HOUR_S / 2) });
    let server = start(&site);
    let crowd = Crowd::new(&site, NOBODY);
    crowd.web.reach(&server);
    phase_stays(&site, &crowd, "before").await;
    for by_s in [HOUR_S, -HOUR_S, 0] {
        jump(&site, by_s);
        phase_stays(&site, &crowd, "before").await;
    }
    println!("clock: not opened by a jump of an hour");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_opens_when_its_time_has_come() {
    let _turn = alone().await;
    let site = Site::new(&Plan { cap: 4, policy: LONG, opens_at: instant(5) });
    let server = start(&site);
    let crowd = Crowd::new(&site, NOBODY);
    crowd.web.reach(&server);
    until("it opens", async || {
        (desk(&crowd.web, &site.staff).await.body["sale"]["phase"] == "open").then_some(())
    })
    .await;
}

/// Deadlines far shorter than the jumps.
const MINUTES: &str = r#"
claim_span = "3m"
presence_span = "3m"
idle_span = "3m"
hold_span = "3m"
checkout_span = "3m"
basket_span_max = "5m"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_clock_that_jumps_closes_and_expires_nothing() {
    let _turn = alone().await;
    let seed = seed("clock");
    let site = Site::new(&Plan { cap: 4, policy: MINUTES, opens_at: instant(-600) });
    let server = start(&site);
    let night = Night::begin(site, server, NOBODY, seed).await;
    let shopper = Shopper::enter(&night.crowd, seed, "S-A-1").await;
    for by_s in [-HOUR_S, 0, HOUR_S, -250, 250] {
        jump(&night.site, by_s);
        phase_stays(&night.site, &night.crowd, "open").await;
        let left = shopper.left_ms().await;
        assert!((10_000..=180_000).contains(&left), "{left} ms are left");
        assert_eq!(shopper.stands().await, "active");
    }
    shopper.pay().await;
    night.reckon().await;
}

/// What may be spent around a jump: far less than is jumped, and enough for a slow machine.
const SPENT_MS_MAX: u64 = 45_000;
/// How long a machine is suspended by its own clock, which is longer than any gap that is counted.
const SUSPENDED: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_machine_whose_clocks_both_jump_loses_nobody_anything() {
    let _turn = alone().await;
    let seed = seed("suspend");
    let site = Site::new(&Plan { cap: 4, policy: MINUTES, opens_at: instant(-600) });
    let server = start(&site);
    let night = Night::begin(site, server, NOBODY, seed).await;
    let shopper = Shopper::enter(&night.crowd, seed, "S-A-1").await;
    let mut ahead_s = 0;
    for by_s in [HOUR_S, HOUR_S, -HOUR_S] {
        let (before, left_before) = (outages(&night), shopper.left_ms().await);
        // A clock of a running process cannot be set ahead: threads would sleep until then.
        night.server.signal("STOP");
        ahead_s += by_s;
        jump(&night.site, ahead_s);
        tokio::time::sleep(SUSPENDED).await;
        night.server.signal("CONT");
        until("the outage is noticed", async || (outages(&night) > before).then_some(())).await;
        phase_stays(&night.site, &night.crowd, "open").await;
        let left = shopper.left_ms().await;
        let spent = left_before.saturating_sub(left);
        assert!(spent < SPENT_MS_MAX && left > 10_000, "{left_before} ms became {left} ms");
        assert_eq!(shopper.stands().await, "active");
    }
    shopper.pay().await;
    night.reckon().await;
}

/// Outages that the log tells of.
fn outages(night: &Night) -> usize {
    night.site.log().matches("an outage ended").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_outlives_a_reboot_that_moves_the_monotonic_clock() {
    let _turn = alone().await;
    let seed = seed("reboot");
    let site = Site::new(&Plan { cap: 4, policy: MINUTES, opens_at: None });
    let server = booted(&site, "86400");
    let mut night = Night::begin(site, server, NOBODY, seed).await;
    let shopper = Shopper::enter(&night.crowd, seed, "S-A-1").await;
    for offset in ["0", "172800", "86400"] {
        night.kill();
        night.server = booted(&night.site, offset);
        night.crowd.web.reach(&night.server);
        let left = shopper.left_ms().await;
        assert!(left > 30_000, "{left} ms are left");
    }
    shopper.pay().await;
    night.reckon().await;
}

/// A server on a machine that seems to have been up for so many seconds more.
fn booted(site: &Site, offset: &str) -> Server {
    let mut command = Command::new("unshare");
    command.args(["-T", "--monotonic", offset, "--boottime", offset]);
    command.arg(env!("CARGO_BIN_EXE_stanchion")).args(site.arguments());
    site.start_as(&mut command)
}
