//! Keys are rotated so often that none is left with which the writer was started; whoever is
//! started then stands by as ever.

use std::process::Command;

use tokio::task::block_in_place;

use super::pair::{waits_for, writes};
use super::redis_server::{ALWAYS, Redis, Reply};
use super::story::{Journal, site};
use crate::night::server::SALE;
use crate::night::{alone, until};

/// More than there is room for in a ring.
const ROTATIONS: i64 = 9;

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_believed_however_often_keys_were_rotated_since_the_writer_began() {
    let _turn = alone().await;
    let redis = Redis::start(ALWAYS);
    let journal = Journal::at(redis.address());
    let site = site(&journal);
    let server = block_in_place(|| site.start());
    writes(&server).await;
    let signers = format!("stanchion:{{{SALE}}}:signers");
    let known = || block_in_place(|| redis.must(&["SCARD", &signers]));
    assert_eq!(known(), Reply::Number(1));
    for rotation in 1..=ROTATIONS {
        let mut rotate = Command::new(env!("CARGO_BIN_EXE_stanchion"));
        let rotated = rotate.args(["keys", "rotate"]).arg(site.file("data/token.keys")).output();
        assert!(rotated.is_ok_and(|done| done.status.success()));
        server.signal("HUP");
        let told = async || (known() == Reply::Number(1 + rotation)).then_some(());
        until("Redis is told", told).await;
    }
    let other = site.beside(&journal.lines());
    let standby = block_in_place(|| other.start());
    waits_for(&standby, "holder").await;
}
