//! Redis answers slowly while the roles change: everything takes longer, and nothing is lost.

use std::time::Duration;

use super::pair::{LASTING, Pair};
use super::proxy::Way;
use super::redis_server::{ALWAYS, Redis};
use super::story::SOME;
use super::stream;
use crate::night::clients::Manner;
use crate::night::web::Try;
use crate::night::{alone, seed};

const RUSH: Manner = Manner { visitors: 24, ..SOME };
/// What each way takes, so that an append takes twice as long: a tenth of the slowest that is
/// still an answer, of which a look at the health of Redis needs three.
const LATE: Duration = Duration::from_millis(25);

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_over_on_a_slow_redis_leaves_no_request_without_an_answer() {
    let _turn = alone().await;
    let seed = seed("slow hand-over");
    let mut pair = Pair::begin(Redis::start(ALWAYS), RUSH, seed).await;
    pair.night.crowd.web.be_patient();
    let from = pair.night.crowd.web.now();
    for asked in [true, false] {
        // Whoever stood by is slow as well: it takes the lease, catches up and begins that way.
        pair.way.both(Way::Late(LATE));
        pair.other.way.both(Way::Late(LATE));
        pair.sells().await;
        let span = pair.hand_over(asked).await;
        pair.sells().await;
        pair.night.require_truth();
        println!("slow hand-over (asked: {asked}): without service for {span:?}");
        pair.start_other().await;
    }
    require_answers(&pair, from);
    pair.way.heal();
    pair.other.way.heal();
    let (reckoning, ids) = pair.reckon().await;
    println!("slow hand-over: {reckoning:?}");
    assert_eq!(stream::epochs(&ids), 3);
}

/// Whoever was listened to was answered, and whatever was stored had gone the slow way.
fn require_answers(pair: &Pair, from: u64) {
    let mut tries = pair.night.crowd.web.tries();
    tries.retain(|one| one.began >= from);
    let lost: Vec<_> = tries.iter().filter(|one| one.status.is_none() && !one.unheard).collect();
    assert!(lost.is_empty(), "{lost:?}\n{}", pair.other.site.log());
    let stored = |one: &&Try| {
        let done = one.status.is_some_and(|status| status < 300) && !one.again;
        done && LASTING.contains(&one.operation)
    };
    let quick = |one: &&Try| Duration::from_micros(one.ended - one.began) < 2 * LATE;
    let (stored, quick) =
        (tries.iter().filter(stored).count(), tries.iter().filter(stored).filter(quick).count());
    assert!(stored > 0 && quick == 0, "{quick} of {stored} did not wait for Redis");
    println!("slow hand-over: {stored} answers after {LATE:?} there and as long back");
}
