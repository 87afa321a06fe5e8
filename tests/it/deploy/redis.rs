//! The configurations of Redis: a real one starts with each, means what it says, and keeps a
//! journal in the mode that it is for.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tokio::task::{block_in_place, spawn_blocking};
use tokio::time::timeout;

use super::{text, until_ready};
use crate::night::server::{BOUND, LONG, Plan, SALE, Server, Site};
use crate::redis::redis_server::{Redis, Reply, listen};

const PASSWORD: &str = "opensesame";
/// Of the account for Stanchion, as operators copy it.
const NOBODY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a directive comes to, as Redis tells it.
fn told(value: &str) -> String {
    match value.strip_suffix("mb").and_then(|count| count.parse::<u64>().ok()) {
        Some(count) => (count << 20).to_string(),
        None => value.trim_matches('"').to_owned(),
    }
}

fn require_told(redis: &Redis, file: &str) {
    let directives: Vec<_> =
        file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(directives.len() > 4, "{file}");
    for directive in directives {
        let (name, value) = directive.split_once(' ').expect("a name and a value");
        let said = redis.must(&["CONFIG", "GET", name]);
        let said = said.list().get(1).and_then(Reply::text);
        assert_eq!(said.as_deref(), Some(&*told(value)), "{name}");
    }
}

/// Starts a server on a Redis with the account of `deploy`, and waits until it serves.
fn serve(redis: &Redis, durability: &str) -> (Site, Server) {
    let (port, folder) = (redis.address().port(), tempfile::tempdir().expect("a folder"));
    let password = folder.path().join("password");
    std::fs::write(&password, PASSWORD).expect("a file");
    let more = format!(
        "redis_password_file = {password:?}\n\n[journal]\nmode = \"redis\"\n\n\
         [journal.redis]\nurl = \"redis://127.0.0.1:{port}\"\nusername = \"stanchion\"\n\
         durability = \"{durability}\"\n"
    );
    let site = Site::with(&Plan { cap: 4, policy: LONG, opens_at: None }, &more);
    let server = block_in_place(|| site.start());
    block_in_place(|| until_ready(&server));
    (site, server)
}

async fn check(durability: &str, replicas: bool) {
    let file = text(&format!("redis/{durability}.conf"));
    let mut redis = Redis::start(&file);
    let _replica = replicas.then(|| Redis::start_replica(redis.address(), &file));
    require_told(&redis, &file);
    // A second account beside that of the test, by which it looks on.
    let account = text("redis/account.conf");
    let account = account.replace(NOBODY, &HEXLOWER.encode(&Sha256::digest(PASSWORD)));
    let line = account.lines().find(|line| line.starts_with("user stanchion")).expect("a line");
    let rights: Vec<_> = line.split(' ').skip(1).collect();
    redis.must(&[&["ACL", "SETUSER"], &*rights].concat());
    redis.log_in("stanchion", PASSWORD);
    assert!(matches!(redis.command(&["FLUSHALL"]), Ok(Reply::Refused(_))), "it may do anything");
    // With the rights of the account its board is shown elsewhere, too.
    let board = format!("stanchion:{{{SALE}}}:board");
    let mut channel = listen(redis.address(), &board).expect("it listens");
    let (_site, _server) = serve(&redis, durability);
    let heard = timeout(BOUND, spawn_blocking(move || channel.heard())).await;
    assert!(heard.expect("the board is shown").expect("it ends").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_flushes_each_write_keeps_a_journal() {
    check("always", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_flushes_each_second_keeps_a_journal() {
    check("everysec", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_with_a_replica_keeps_a_journal() {
    check("replicas", true).await;
}

#[test]
fn with_its_account_nobody_else_comes_in() {
    let redis = Redis::start(&(text("redis/always.conf") + &text("redis/account.conf")));
    for asked in [["GET", "x"], ["ACL", "WHOAMI"]] {
        let said = redis.command(&asked).expect("an answer");
        assert!(matches!(&said, Reply::Refused(why) if why.starts_with("NOAUTH")), "{said:?}");
    }
}
