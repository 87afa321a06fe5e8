//! The board in Redis while writers come and go: it goes on, and nobody who reads it there sees an
//! older one after a newer one.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::task::block_in_place;

use super::pair::{Pair, reason, tell};
use super::proxy::Way;
use super::redis_server::{ALWAYS, Redis, Reply, ask, listen};
use super::story::SOME;
use super::stream;
use crate::night::clients::Manner;
use crate::night::server::{PERFORMANCES, SALE};
use crate::night::web::{Ask, lock};
use crate::night::{alone, seed, until};

const RUSH: Manner = Manner { visitors: 24, ..SOME };
/// How a process ends that was deposed.
const DEPOSED: Option<i32> = Some(74);

/// Boards of each writer that are waited for.
const HEARD: usize = 5;

/// A board as a reader sees it. Nobody gives an order back here, so sold units only grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Board {
    version: u64,
    sold: u64,
}

/// What a reader sees who listens, and looks whenever something is said.
#[derive(Debug)]
struct Look {
    said: Board,
    kept: Board,
    /// Versions of all performances.
    performances: BTreeMap<String, u64>,
}

impl Board {
    fn of(text: &str) -> Self {
        let board: Value = serde_json::from_str(text).expect("the board is JSON");
        let number = |value: &Value| value.as_u64().expect("a number");
        Self { version: number(&board["version"]), sold: number(&board["counts"]["sold"]) }
    }

    /// Which writer it is of.
    fn epoch(self) -> u64 {
        self.version >> 32
    }
}

fn key(what: &str) -> String {
    format!("stanchion:{{{SALE}}}:{what}")
}

/// The board under its key; none if there is no Redis.
fn kept(redis: SocketAddr) -> Option<Board> {
    let text = ask(redis, None, &["GET", &key("board")]).ok()?.text();
    Some(Board::of(&text.expect("there is a board")))
}

fn performances(redis: SocketAddr) -> Option<BTreeMap<String, u64>> {
    let all = ask(redis, None, &["HGETALL", &key("performances")]).ok()?;
    let pair = |pair: &[Reply]| {
        let text = pair[1].text().expect("a text");
        let body: Value = serde_json::from_str(&text).expect("a performance is JSON");
        (pair[0].text().expect("an id"), body["version"].as_u64().expect("a version"))
    };
    Some(all.list().chunks_exact(2).map(pair).collect())
}

/// Reads until there is no Redis any more.
struct Reader {
    looks: Arc<Mutex<Vec<Look>>>,
    thread: JoinHandle<()>,
}

impl Reader {
    fn of(redis: &Redis) -> Self {
        let address = redis.address();
        let mut channel = listen(address, &key("board")).expect("it can be listened to");
        let looks = Arc::<Mutex<Vec<Look>>>::default();
        let seen = looks.clone();
        let thread = std::thread::spawn(move || {
            while let Some(said) = channel.heard() {
                let said = Board::of(&said);
                let (Some(kept), Some(performances)) = (kept(address), performances(address))
                else {
                    return;
                };
                lock(&seen).push(Look { said, kept, performances });
            }
        });
        Self { looks, thread }
    }

    /// Waits until several boards of a writer were heard, while people buy.
    async fn hears(&self, writer: u64) {
        until(&format!("writer {writer} shows its board"), async || {
            let heard = lock(&self.looks).iter().filter(|look| look.said.epoch() == writer).count();
            (heard >= HEARD).then_some(())
        })
        .await;
    }

    /// All it read.
    fn end(self) -> Vec<Look> {
        self.thread.join().expect("everything it read makes sense");
        std::mem::take(&mut *lock(&self.looks))
    }
}

/// Nothing older comes after something newer, wherever one looks.
fn require_order(looks: &[Look]) {
    for look in looks {
        assert!(look.kept.version >= look.said.version, "it is kept before it is told: {look:?}");
        assert!(look.performances.keys().eq(PERFORMANCES), "none is missing: {look:?}");
    }
    for pair in looks.windows(2) {
        let (one, next) = (&pair[0], &pair[1]);
        for (older, newer) in [(one.said, next.said), (one.kept, next.kept)] {
            let rises = newer.version >= older.version && newer.sold >= older.sold;
            assert!(rises, "{older:?} is followed by {newer:?}");
        }
        let falls =
            one.performances.iter().find(|(id, version)| next.performances[*id] < **version);
        assert_eq!(falls, None, "{one:?} is followed by {next:?}");
    }
}

/// Waits until the writer that came shows what it answers.
async fn shown_by(pair: &Pair, reader: &Reader, writer: u64) {
    reader.hears(writer).await;
    let answered = pair.night.crowd.web.insist(&Ask::get("board", "/board")).await;
    let answered = answered.expect("an answer").body["version"].as_u64();
    until("the key catches up with what is answered", async || {
        kept(pair.redis.address()).filter(|board| Some(board.version) >= answered)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_in_redis_goes_on_and_never_back_when_another_writer_comes() {
    let _turn = alone().await;
    let seed = seed("board in Redis");
    let mut pair = Pair::begin(Redis::start(ALWAYS), RUSH, seed).await;
    let reader = Reader::of(&pair.redis);
    shown_by(&pair, &reader, 1).await;

    pair.night.server.kill();
    pair.change_roles();
    shown_by(&pair, &reader, 2).await;
    pair.start_other().await;

    // What the second says meanwhile arrives when the third has said more.
    pair.way.to_server(Way::Held);
    pair.change_roles();
    shown_by(&pair, &reader, 3).await;
    pair.other.way.heal();
    let status = block_in_place(|| pair.other.server.ended());
    assert_eq!(status.code(), DEPOSED, "{}", pair.other.site.log());
    pair.start_other().await;

    let writer = (&pair.night.site, &pair.night.server);
    assert_eq!(tell(writer, "/v1/handover", reason()).await.status, 200);
    pair.change_roles();
    shown_by(&pair, &reader, 4).await;

    let (reckoning, ids) = pair.reckon().await;
    let looks = reader.end();
    require_order(&looks);
    assert_eq!(stream::epochs(&ids), 4);
    println!("board in Redis: {} versions were told; {reckoning:?}", looks.len());
}
