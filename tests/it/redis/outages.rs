//! Redis goes away in every way there is, and comes back: the queue and the board stay up, selling
//! pauses, and goes on by itself.

use std::fs::{self, File};
use std::io::Write;
use std::time::Duration;

use super::proxy::Way;
use super::redis_server::{ALWAYS, EVERYSEC, Redis, ask, free_port};
use super::story::{Fault, Journal, Story};
use crate::night::power::Mount;
use crate::night::{alone, seed};

/// As long as it takes to see what must be seen.
const SHORT: Duration = Duration::ZERO;
/// Longer than any answer is waited for.
const LONG: Duration = Duration::from_secs(5);
/// As whom the server speaks to Redis.
const ACCOUNT: [&str; 2] = ["shop", "a word"];
/// Commands in the file that Redis loads slowly, and how slowly, in microseconds each: more than a
/// second, in which it answers now and then.
const LOADED: (usize, usize) = (12_000, 50);

/// What happens to the process and what it is asked to be.
const PROCESS: &[Fault] = &[
    Fault {
        name: "without a snapshot",
        breaks: |story| {
            story.redis.must(&["CONFIG", "SET", "save", "3600 1"]);
        },
        heals: |story| {
            story.redis.must(&["CONFIG", "SET", "save", ""]);
        },
        cause: "cannot write to its own disk",
        lasts: SHORT,
    },
    Fault {
        name: "busy",
        breaks: |story| {
            story.redis.must(&["CONFIG", "SET", "busy-reply-threshold", "50"]);
            let address = story.redis.address();
            // Nobody waits for its answer.
            std::thread::spawn(move || ask(address, None, &["EVAL", "while true do end", "0"]));
        },
        heals: |story| {
            story.redis.must(&["SCRIPT", "KILL"]);
        },
        cause: "busy with a script",
        lasts: SHORT,
    },
    Fault {
        name: "killed",
        breaks: |story| story.redis.kill(),
        heals: |story| story.redis.restart(),
        cause: "the connection was lost",
        lasts: SHORT,
    },
    Fault {
        name: "stopped",
        breaks: |story| story.redis.pause(),
        heals: |story| story.redis.resume(),
        cause: "does not answer in time",
        lasts: LONG,
    },
    Fault {
        name: "loading",
        breaks: |story| {
            let delay = LOADED.1.to_string();
            story.redis.restart_without_waiting(&["--key-load-delay", &delay]);
        },
        heals: |story| story.redis.answered().expect("it has loaded"),
        cause: "loading",
        lasts: SHORT,
    },
    Fault {
        name: "demoted",
        breaks: |story| {
            let port = free_port().to_string();
            story.redis.must(&["REPLICAOF", "127.0.0.1", &port]);
        },
        heals: |story| {
            story.redis.must(&["REPLICAOF", "NO", "ONE"]);
        },
        cause: "replica",
        lasts: SHORT,
    },
    Fault {
        name: "out of memory",
        breaks: |story| {
            story.redis.must(&["CONFIG", "SET", "maxmemory", "1"]);
        },
        heals: |story| {
            story.redis.must(&["CONFIG", "SET", "maxmemory", "0"]);
        },
        cause: "out of memory",
        lasts: SHORT,
    },
    Fault {
        name: "refused by its rules",
        breaks: |story| {
            story.redis.must(&["ACL", "SETUSER", ACCOUNT[0], "-xadd"]);
        },
        heals: |story| {
            story.redis.must(&["ACL", "SETUSER", ACCOUNT[0], "+xadd"]);
        },
        cause: "the rules (ACL) of Redis",
        lasts: SHORT,
    },
    Fault {
        name: "set up to evict",
        breaks: |story| {
            story.redis.must(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
            story.proxy.cut();
        },
        heals: |story| {
            story.redis.must(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
        },
        cause: "maxmemory-policy",
        lasts: SHORT,
    },
];

/// What happens to the way to it.
const PARTITIONS: &[Fault] = &[
    Fault {
        name: "held back both ways",
        breaks: |story| story.proxy.both(Way::Held),
        heals: |story| story.proxy.heal(),
        cause: "does not answer in time",
        lasts: SHORT,
    },
    Fault {
        name: "lost on the way there",
        breaks: |story| story.proxy.to_server(Way::Lost),
        heals: |story| story.proxy.heal(),
        cause: "does not answer in time",
        lasts: SHORT,
    },
    Fault {
        name: "lost on the way back",
        breaks: |story| story.proxy.to_client(Way::Lost),
        heals: |story| story.proxy.heal(),
        cause: "does not answer in time",
        lasts: SHORT,
    },
    Fault {
        name: "held back on the way back",
        breaks: |story| story.proxy.to_client(Way::Held),
        heals: |story| story.proxy.heal(),
        cause: "does not answer in time",
        lasts: SHORT,
    },
    Fault {
        name: "cut off and refused",
        breaks: |story| {
            story.proxy.refuse();
            story.proxy.cut();
        },
        heals: |story| story.proxy.heal(),
        cause: "nothing listens",
        lasts: SHORT,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn selling_pauses_while_redis_is_away_and_goes_on_when_it_is_back() {
    let _turn = alone().await;
    let seed = seed("Redis away");
    let [account, password] = ACCOUNT;
    let rule = format!("user {account} on \">{password}\" ~* &* +@all");
    let redis = Redis::start(&format!("{ALWAYS}{rule}"));
    fill(&redis);
    fail_at_a_snapshot(&redis);
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), password).expect("a file can be written");
    let journal = Journal {
        more: format!("username = \"{account}\""),
        secrets: format!("redis_password_file = \"{}\"", file.path().display()),
        ..Journal::at(redis.address())
    };
    let mut story = Story::begin(redis, journal, seed).await;
    for fault in PROCESS {
        story.outage(fault).await;
    }
    let reckoning = story.reckon().await;
    println!("Redis away: {reckoning:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn selling_pauses_while_the_way_to_redis_is_cut_and_goes_on_when_it_is_whole() {
    let _turn = alone().await;
    let seed = seed("Redis cut off");
    let redis = Redis::start(ALWAYS);
    let journal = Journal::at(redis.address());
    let mut story = Story::begin(redis, journal, seed).await;
    for fault in PARTITIONS {
        story.outage(fault).await;
    }
    let reckoning = story.reckon().await;
    println!("Redis cut off: {reckoning:?}");
}

/// What happens to its disk.
const DISK: &[Fault] = &[Fault {
    name: "a full disk",
    breaks: |story| {
        let mut filler = File::create(story.redis.data().join("filler")).expect("a file");
        while filler.write_all(&[7; 4_096]).is_ok() {}
    },
    heals: |story| {
        fs::remove_file(story.redis.data().join("filler")).expect("it is there");
    },
    cause: "disk",
    lasts: SHORT,
}];

#[tokio::test(flavor = "multi_thread")]
async fn selling_pauses_while_the_disk_of_redis_is_full_and_goes_on_when_it_has_room() {
    let _turn = alone().await;
    let seed = seed("disk of Redis");
    let folder = tempfile::tempdir().expect("a folder");
    let room = ["-t", "tmpfs", "-o", "size=16m", "tmpfs"];
    let _mount = Mount::over(folder.path().to_owned(), &room).expect("root may mount");
    let redis = Redis::start_in(folder.path(), EVERYSEC);
    let journal = Journal { durability: "everysec", ..Journal::at(redis.address()) };
    let mut story = Story::begin(redis, journal, seed).await;
    for fault in DISK {
        story.outage(fault).await;
    }
    let reckoning = story.reckon().await;
    println!("disk of Redis: {reckoning:?}");
}

/// Lets it fail at a snapshot: with any set up to be made, it refuses to write from then on.
fn fail_at_a_snapshot(redis: &Redis) {
    fs::create_dir(redis.data().join("dump.rdb")).expect("a folder where it wants a file");
    redis.must(&["BGSAVE"]);
    redis.until("it failed", |it| it.info("rdb_last_bgsave_status").as_deref() == Some("err"));
}

/// Gives it something to load.
fn fill(redis: &Redis) {
    let script = "for at = 1, ARGV[1] do redis.call('SET', 'other:' .. at, at) end";
    redis.must(&["EVAL", script, "0", &LOADED.0.to_string()]);
}
