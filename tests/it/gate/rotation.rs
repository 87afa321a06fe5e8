//! Keys are rotated while people wait, shop and are handed to shops that check passes themselves.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use stanchion::token::jwt::Claims;

use super::browser::Browser;
use super::{SALE, Venue};
use crate::night::until;

/// As many as leave the first key in the ring.
const ROTATIONS: usize = 6;
/// People who have a place, or a pass, and go on asking.
const WAITING: usize = 4;
const SHOPPING: usize = 4;
/// Rounds of everybody between two rotations.
const ROUNDS: u64 = 5;
const SHOP: &str = "https://shop.test";
const GO: &str = "/night/go?to=https%3A%2F%2Fshop.test%2Fshows%2F1\
                  &bound=n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_refused_while_keys_are_rotated() {
    let gate = format!("[pass]\nissuer = \"{SHOP}\"\n[targets]\norigins = [\"{SHOP}\"]\n");
    let venue = Venue::new(u32::try_from(SHOPPING).expect("few"), &gate);
    let key_file = venue.site().data().join("token.keys");
    let stop = Arc::new(AtomicBool::new(false));
    let mut rounds = Vec::new();
    let mut tasks = Vec::new();
    let handed = Arc::new(tokio::sync::Mutex::new(Vec::new()));

    for _ in 0..SHOPPING {
        let browser = Browser::new(venue.address());
        browser.wait_and_claim(&format!("/{SALE}")).await;
        let (handed, count) = (Arc::clone(&handed), Arc::new(AtomicU64::new(0)));
        rounds.push(Arc::clone(&count));
        let stop = Arc::clone(&stop);
        tasks.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let on = browser.get(GO).await.location().to_owned();
                let token = on.strip_prefix("https://shop.test/shows/1?stanchion=");
                handed.lock().await.push(token.unwrap_or_else(|| panic!("{on}")).to_owned());
                count.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    for _ in 0..WAITING {
        let browser = Browser::new(venue.address());
        let joined = browser.post(&format!("/{SALE}"), "").await;
        assert_eq!(joined.location(), format!("/{SALE}"));
        let count = Arc::new(AtomicU64::new(0));
        rounds.push(Arc::clone(&count));
        let stop = Arc::clone(&stop);
        tasks.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let place = browser.get(&format!("/v1/sales/{SALE}/places/me")).await;
                assert_eq!(place.status, 200, "{place:?}");
                count.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    let all_go_round = async || {
        let before: Vec<u64> = rounds.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let on =
            |(now, before): (&Arc<AtomicU64>, &u64)| now.load(Ordering::Relaxed) >= before + ROUNDS;
        let all = async || rounds.iter().zip(&before).all(on).then_some(());
        until("everybody went on asking", all).await;
    };

    let reader = Browser::new(venue.address());
    let (mut known, mut signers) = (keys(&reader).await, std::collections::BTreeSet::new());
    for rotation in 1..=ROTATIONS {
        let rotated = Command::new(env!("CARGO_BIN_EXE_stanchion"))
            .args(["keys", "rotate"])
            .arg(&key_file)
            .output()
            .expect("it runs");
        assert!(rotated.status.success(), "{rotated:?}");
        venue.server.signal("HUP");
        let taken_up = || venue.site().log().matches("tokens were loaded anew").count();
        until("the keys are taken up", async || (taken_up() == rotation).then_some(())).await;
        all_go_round().await;
        // The shop has not looked at the keys since before the rotation.
        for token in std::mem::take(&mut *handed.lock().await) {
            signers.insert(read(&known, &token));
        }
        known = keys(&reader).await;
    }
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.expect("nobody was refused");
    }
    assert_eq!(signers.len(), ROTATIONS, "each rotation but the first has another key sign");
}

async fn keys(reader: &Browser) -> JwkSet {
    let keys = reader.get("/.well-known/jwks.json").await;
    serde_json::from_str(&keys.text).expect("a key set")
}

/// Who signed a token, if a shop with these keys believes it.
fn read(known: &JwkSet, token: &str) -> String {
    let kid = decode_header(token).expect("a header").kid.expect("a key id");
    let key = known.find(&kid).unwrap_or_else(|| panic!("nobody had announced {kid}"));
    let mut wanted = Validation::new(Algorithm::EdDSA);
    wanted.set_audience(&[SHOP]);
    let key = DecodingKey::from_jwk(key).expect("a key");
    decode::<Claims>(token, &key, &wanted).expect("it is genuine");
    kid
}
