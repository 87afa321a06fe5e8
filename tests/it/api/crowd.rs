//! Many at once: one winner, one effect, and nothing made or lost.

use std::sync::Arc;

use serde_json::{Value, json};

use super::sample::gala;
use super::{Answer, House, standing};

const CROWD: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_hundred_gets_the_last_seat() {
    let house = Arc::new(House::open(gala()).await);
    let last = json!([{ "performance": "matinee", "pool": "last", "units": 1 }]);
    let mut passes = Vec::new();
    for _ in 0..CROWD {
        passes.push(house.enter().await);
    }
    let answers = at_once(&house, passes, last).await;
    let winners = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(winners, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.is(409, "in_baskets");
    }
    let shown = house.board_says("matinee", |counts| counts["held"] == 1).await;
    assert_eq!(shown["status"], "in_baskets");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_gives_out_what_it_has_and_no_unit_more() {
    let house = Arc::new(House::open(gala()).await);
    let mut passes = Vec::new();
    for _ in 0..30 {
        passes.push(house.enter().await);
    }
    let answers = at_once(&house, passes, json!([standing(3)])).await;
    let winners = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(winners, 6, "20 units are six times three, and two");
    house.board_says("fri", |counts| counts["held"] == 18).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_visitor_who_asks_many_times_at_once_stays_within_the_limit() {
    let house = Arc::new(House::open(gala()).await);
    let pass = house.enter().await;
    let answers = at_once(&house, vec![pass.clone(); 50], json!([standing(5)])).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let basket = answers.iter().find(|answer| answer.status == 201).expect("one").ok(201);
    let holds = format!("/baskets/{}/holds", basket["id"].as_str().expect("an id"));
    let mut tasks = Vec::new();
    for _ in 0..50 {
        let (house, pass, holds) = (house.clone(), pass.clone(), holds.clone());
        tasks.push(tokio::spawn(async move {
            let body = json!({ "items": [standing(1)] });
            house.post(&holds).bearer(&pass).key().json(&body).send().await
        }));
    }
    let mut added = 0;
    for task in tasks {
        let answer = task.await.expect("an answer");
        if answer.status == 201 {
            added += 1;
        } else {
            answer.is(409, "limit_reached");
        }
    }
    assert_eq!(added, 3, "eight units are the most");
    house.board_says("fri", |counts| counts["held"] == 8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_has_one_effect_and_another_body_is_refused() {
    let house = Arc::new(House::open(gala()).await);
    let pass = house.enter().await;
    let body = json!({ "items": [standing(2)] });
    let mut tasks = Vec::new();
    for _ in 0..50 {
        let (house, pass, body) = (house.clone(), pass.clone(), body.clone());
        tasks.push(tokio::spawn(async move {
            let ask = house.post("/baskets").bearer(&pass).header("idempotency-key", "the-one");
            ask.json(&body).send().await
        }));
    }
    let mut baskets: Vec<Value> = Vec::new();
    let mut first = 0;
    for task in tasks {
        let answer = task.await.expect("an answer");
        first += usize::from(answer.header("idempotency-replayed").is_none());
        baskets.push(answer.ok(201)["id"].clone());
    }
    assert_eq!(first, 1, "one had an effect");
    assert!(baskets.windows(2).all(|pair| pair[0] == pair[1]), "all got the same basket");
    let keyed = |key: &str| house.post("/baskets").bearer(&pass).header("idempotency-key", key);
    let other = json!({ "items": [standing(1)] });
    keyed("the-one").json(&other).send().await.is(422, "key_reused");
    keyed("the one").json(&body).send().await.is(400, "malformed");
    house.post("/baskets").bearer(&pass).json(&body).send().await.is(400, "key_missing");
    house.board_says("fri", |counts| counts["held"] == 2).await;
}

/// All ask to hold the same at the same time.
async fn at_once(house: &Arc<House>, passes: Vec<String>, items: Value) -> Vec<Answer> {
    let mut tasks = Vec::new();
    for pass in passes {
        let (house, items) = (house.clone(), items.clone());
        tasks.push(tokio::spawn(async move { house.hold(&pass, items).await }));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("an answer"));
    }
    answers
}
