//! Visitors of a sale: they join, wait, claim their turn, hold, give back, pay and leave, each on
//! their own, and know what they were told.
//!
//! Whatever the server says later that contradicts an answer it gave is written down as wrong.
//! Every call that touches a seat goes into the history.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::caps::Caps;
use super::history::{Call, Did, History};
use super::server::{PERFORMANCES, Site, seats};
use super::web::{Answer, Ask, Web, lock};

/// Polls of one visitor before something must be wrong.
const POLLS_MAX: usize = 3_000;

/// How visitors behave.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// How many of them at once.
    pub(crate) visitors: usize,
    /// Visits of each; a visit is from joining to leaving.
    pub(crate) visits: usize,
    /// Seats of the first performance that most of them want.
    pub(crate) wanted: usize,
    /// Share of baskets that are paid for, in percent.
    pub(crate) paid_percent: u32,
    /// Baskets run out of time, and some are left to that.
    pub(crate) hurried: bool,
    /// How long they look around before they leave, at most.
    pub(crate) lingers_ms: u64,
}

/// All visitors and what they know.
pub(crate) struct Crowd {
    pub(crate) web: Web,
    pub(crate) history: History,
    pub(crate) caps: Caps,
    pub(crate) known: Mutex<Known>,
    pub(crate) manner: Manner,
    /// The key of the shop.
    pub(crate) shop: String,
    /// Nobody begins anything new.
    pub(crate) stopping: AtomicBool,
    keys: AtomicU64,
}

/// What visitors were told.
#[derive(Default)]
pub(crate) struct Known {
    /// Queue numbers that were given.
    pub(crate) numbers: BTreeSet<u64>,
    /// Places of those who still wait: number and token.
    pub(crate) waiting: Vec<(u64, String)>,
    /// Orders by their id.
    pub(crate) orders: BTreeMap<String, Order>,
    /// Who bought each seat.
    pub(crate) sold: BTreeMap<String, String>,
    /// What contradicts something else.
    pub(crate) wrong: Vec<String>,
}

/// An order.
#[derive(Clone)]
pub(crate) struct Order {
    /// The question that made it.
    pub(crate) confirm: Ask,
    pub(crate) holds: Holds,
}

/// What a basket holds: by the hold's number, seats as `p1/S-A-1` and units as `p1/standing*2`.
pub(crate) type Holds = BTreeMap<u64, Vec<String>>;

/// A visitor.
pub(crate) struct Visitor {
    pub(crate) crowd: Arc<Crowd>,
    random: StdRng,
}

/// A place in the queue.
pub(crate) struct Place {
    pub(crate) number: u64,
    pub(crate) token: String,
}

/// A basket as its visitor knows it.
#[derive(Clone, Default)]
pub(crate) struct Basket {
    pub(crate) id: String,
    pub(crate) holds: Holds,
    /// When it was first asked for.
    began: u64,
}

impl Crowd {
    pub(crate) fn new(site: &Site, manner: Manner) -> Arc<Self> {
        Arc::new(Self {
            web: Web::new(),
            history: History::default(),
            caps: Caps::default(),
            known: Mutex::default(),
            manner,
            shop: site.shop.clone(),
            stopping: AtomicBool::new(false),
            keys: AtomicU64::new(0),
        })
    }

    /// A key that nobody used before.
    pub(crate) fn fresh_key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }

    fn stops(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Writes down what a call did to every seat of these holds.
    fn note<'a>(
        &self,
        lines: impl Iterator<Item = &'a String>,
        (began, ended): (u64, u64),
        did: &Did,
    ) {
        for seat in lines.filter(|line| !line.contains('*')) {
            self.history.note(seat, Call { began, ended: Some(ended), did: did.clone() });
        }
    }
}

impl Visitor {
    pub(crate) fn new(crowd: &Arc<Crowd>, seed: u64) -> Self {
        Self { crowd: Arc::clone(crowd), random: StdRng::seed_from_u64(seed) }
    }

    /// One visit after the other.
    pub(crate) async fn live(mut self) {
        for _ in 0..self.crowd.manner.visits {
            if self.crowd.stops() {
                return;
            }
            if let Err(wrong) = self.visit().await {
                lock(&self.crowd.known).wrong.push(wrong);
                return;
            }
        }
    }

    /// From joining to leaving.
    async fn visit(&mut self) -> Result<(), String> {
        let place = self.join().await?;
        let Some(pass) = self.enter(&place).await? else { return Ok(()) };
        let entered = self.crowd.web.now();
        let mut basket = None;
        for _ in 0..self.random.random_range(1..5) {
            self.hold(&pass, &mut basket).await?;
            self.change_mind(&pass, &mut basket).await?;
            self.look(&pass, &mut basket).await?;
        }
        if let Some(basket) = basket {
            self.end(&pass, basket).await?;
        }
        let lingers_ms = self.random.random_range(0..=self.crowd.manner.lingers_ms);
        tokio::time::sleep(Duration::from_millis(lingers_ms)).await;
        let left = Ask::delete("leave", "/passes/me").bearer(&pass);
        let left = self.crowd.web.insist(&left).await?.is(204)?;
        self.crowd.caps.stayed(entered, left.began);
        Ok(())
    }

    /// Joins the queue.
    pub(crate) async fn join(&self) -> Result<Place, String> {
        let joined = self.crowd.web.insist(&Ask::post("join", "/places")).await?.is(201)?;
        let number = joined.body["number"].as_u64().ok_or("a place has a number")?;
        if !lock(&self.crowd.known).numbers.insert(number) {
            return Err(format!("number {number} was given twice"));
        }
        Ok(Place { number, token: joined.text("token") })
    }

    /// Where the visitor stands.
    pub(crate) async fn place(&self, place: &Place) -> Result<Answer, String> {
        let ask = Ask::get("poll", "/places/me").bearer(&place.token);
        let seen = self.crowd.web.insist(&ask).await?.is(200)?;
        if seen.body["number"] != place.number {
            return Err(format!("number {} became {}", place.number, seen.body));
        }
        Ok(seen)
    }

    /// Waits for the turn and takes it; `None` if everybody stops first.
    pub(crate) async fn enter(&mut self, place: &Place) -> Result<Option<String>, String> {
        let (mut last, mut not_yet) = (u64::MAX, self.crowd.web.now());
        for _ in 0..POLLS_MAX {
            let seen = self.place(place).await?;
            match seen.text("state").as_str() {
                "waiting" => {
                    let position = seen.body["position"].as_u64().ok_or("no position")?;
                    if position > last {
                        let number = place.number;
                        return Err(format!("{number}: position {last} became {position}"));
                    }
                    (last, not_yet) = (position, seen.began);
                }
                // Missed its call: it stands at the front of those who return.
                "returning" => (last, not_yet) = (u64::MAX, seen.began),
                "called" => {
                    self.crowd.caps.called(place.number, not_yet, seen.ended);
                    not_yet = self.crowd.web.now();
                    match self.claim(place).await? {
                        None => continue,
                        pass => return Ok(pass),
                    }
                }
                _ => return Err(format!("a place that was never given up: {}", seen.body)),
            }
            if self.crowd.stops() {
                let waiting = (place.number, place.token.clone());
                lock(&self.crowd.known).waiting.push(waiting);
                return Ok(None);
            }
            let pause = self.random.random_range(20..60);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        Err(format!("number {} was never called", place.number))
    }

    /// Takes the turn; `None` if it was missed.
    async fn claim(&self, place: &Place) -> Result<Option<String>, String> {
        let ask = Ask::post("claim", "/passes").bearer(&place.token);
        let claimed = self.crowd.web.insist(&ask).await?;
        if claimed.code() == "not_called" {
            return Ok(None);
        }
        let claimed = claimed.is(200)?;
        if claimed.body["pass"] != place.number {
            return Err(format!("number {} became pass {}", place.number, claimed.body));
        }
        Ok(Some(claimed.text("token")))
    }

    /// Asks to hold something, in the basket if there is one.
    async fn hold(&mut self, pass: &str, basket: &mut Option<Basket>) -> Result<(), String> {
        let items = self.choose();
        self.hold_these(pass, basket, &items).await
    }

    /// Asks to hold these items, in the basket if there is one.
    pub(crate) async fn hold_these(
        &self,
        pass: &str,
        basket: &mut Option<Basket>,
        items: &[Value],
    ) -> Result<(), String> {
        let path = basket.as_ref().map(|basket| format!("/baskets/{}/holds", basket.id));
        let path = path.unwrap_or("/baskets".to_owned());
        let key = self.crowd.fresh_key();
        let ask = Ask::post("hold", &path).bearer(pass).key(&key).json(&json!({ "items": items }));
        let answer = self.crowd.web.insist(&ask).await?;
        match answer.status {
            201 => self.took(basket, &answer),
            409 => self.refused(items, &answer),
            410 => self.ran_out(pass, basket, &answer).await,
            _ => answer.is(201).map(|_| ()),
        }
    }

    /// The basket holds more than before.
    fn took(&self, basket: &mut Option<Basket>, answer: &Answer) -> Result<(), String> {
        let before = basket.take().unwrap_or_else(|| Basket {
            id: answer.text("id"),
            began: answer.began,
            ..Basket::default()
        });
        let holds = holds_of(&answer.body);
        let kept = before.holds.iter().all(|(id, lines)| holds.get(id) == Some(lines));
        if before.id != answer.text("id") || !kept || holds.len() != before.holds.len() + 1 {
            return Err(format!("{:?} and one hold became {}", before.holds, answer.body));
        }
        let new = holds.iter().filter(|(id, _)| !before.holds.contains_key(id));
        let did = Did::Hold(before.id.clone());
        self.crowd.note(new.flat_map(|(_, lines)| lines), (answer.began, answer.ended), &did);
        *basket = Some(Basket { holds, ..before });
        Ok(())
    }

    /// Nothing was taken; for a seat that was named, the refusal says what it met.
    fn refused(&self, items: &[Value], answer: &Answer) -> Result<(), String> {
        let did = match answer.code() {
            "in_baskets" => Did::MeetInBasket,
            "unavailable" => Did::MeetSold,
            "sold_out" | "no_block" | "limit_reached" => return Ok(()),
            _ => return answer.clone().is(201).map(|_| ()),
        };
        let item = answer.body["item"].as_u64().and_then(|at| items.get(usize::try_from(at).ok()?));
        let item = item.ok_or_else(|| format!("which item? {}", answer.body))?;
        if let (Some(performance), Some(seat)) =
            (item["performance"].as_str(), item["seat"].as_str())
        {
            let seat = format!("{performance}/{seat}");
            self.crowd.note([seat].iter(), (answer.began, answer.ended), &did);
        }
        Ok(())
    }

    /// Gives one hold back, now and then.
    async fn change_mind(&mut self, pass: &str, basket: &mut Option<Basket>) -> Result<(), String> {
        let Some(mine) = basket.as_mut().filter(|mine| mine.holds.len() > 1) else { return Ok(()) };
        if !self.random.random_bool(0.3) {
            return Ok(());
        }
        let (hold, lines) = mine.holds.first_key_value().expect("it has two");
        let (hold, lines) = (*hold, lines.clone());
        let path = format!("/baskets/{}/holds/{hold}", mine.id);
        let ask = Ask::delete("release", &path).bearer(pass).key(&self.crowd.fresh_key());
        let answer = self.crowd.web.insist(&ask).await?;
        if answer.status == 410 {
            return self.ran_out(pass, basket, &answer).await;
        }
        let answer = answer.is(200)?;
        mine.holds.remove(&hold);
        let did = Did::Release(mine.id.clone());
        self.crowd.note(lines.iter(), (answer.began, answer.ended), &did);
        same(mine, &answer)
    }

    /// Looks whether pass and basket are as they were, now and then.
    async fn look(&mut self, pass: &str, basket: &mut Option<Basket>) -> Result<(), String> {
        if !self.random.random_bool(0.5) {
            return Ok(());
        }
        self.crowd.web.insist(&Ask::get("pass", "/passes/me").bearer(pass)).await?.is(200)?;
        let Some(mine) = basket else { return Ok(()) };
        let seen = self.read(pass, &mine.id).await?;
        match seen.text("state").as_str() {
            "open" => same(mine, &seen),
            "expired" => self.ran_out(pass, basket, &seen).await,
            _ => Err(format!("an open basket became {}", seen.body)),
        }
    }

    /// Reads a basket.
    pub(crate) async fn read(&self, bearer: &str, id: &str) -> Result<Answer, String> {
        let ask = Ask::get("basket", &format!("/baskets/{id}")).bearer(bearer);
        self.crowd.web.insist(&ask).await?.is(200)
    }

    /// Pays for the basket, gives it back, or lets it run out.
    async fn end(&mut self, pass: &str, basket: Basket) -> Result<(), String> {
        let Manner { paid_percent, hurried, .. } = self.crowd.manner;
        let choice = self.random.random_range(0..100);
        if choice < paid_percent {
            return self.pay(pass, basket).await;
        }
        if hurried && choice % 2 == 0 {
            return self.run_out(pass, basket).await;
        }
        let ask = Ask::delete("give back", &format!("/baskets/{}", basket.id));
        let answer = self.crowd.web.insist(&ask.bearer(pass).key(&self.crowd.fresh_key())).await?;
        if answer.status == 410 {
            return self.ran_out(pass, &mut Some(basket), &answer).await;
        }
        let answer = answer.is(204)?;
        let did = Did::Release(basket.id.clone());
        let lines = basket.holds.values().flatten();
        self.crowd.note(lines, (answer.began, answer.ended), &did);
        Ok(())
    }

    /// Goes to the card page and pays, perhaps too late.
    pub(crate) async fn pay(&mut self, pass: &str, basket: Basket) -> Result<(), String> {
        let path = format!("/baskets/{}/checkout", basket.id);
        let ask = Ask::post("checkout", &path).bearer(pass).key(&self.crowd.fresh_key());
        let answer = self.crowd.web.insist(&ask).await?;
        if answer.status == 410 {
            return self.ran_out(pass, &mut Some(basket), &answer).await;
        }
        let answer = answer.is(200)?;
        same(&basket, &answer)?;
        let did = Did::CheckOut(basket.id.clone());
        self.crowd.note(basket.holds.values().flatten(), (answer.began, answer.ended), &did);
        if self.crowd.manner.hurried && self.random.random_bool(0.5) {
            self.run_out(pass, basket.clone()).await?;
            return self.confirm(basket, true).await;
        }
        self.confirm(basket, false).await
    }

    /// Confirms, and once more: the same question has the same answer.
    async fn confirm(&self, basket: Basket, expired: bool) -> Result<(), String> {
        let Basket { id, holds, began } = &basket;
        let confirm = Ask::post("confirm", &format!("/baskets/{id}/confirm"))
            .bearer(&self.crowd.shop)
            .key(&self.crowd.fresh_key())
            .json(&json!({ "payment": format!("pay-{id}") }));
        let answer = self.crowd.web.insist(&confirm).await?;
        let hurried = self.crowd.manner.hurried;
        let late = answer.body["late"] == true;
        if hurried && (late || answer.code() == "seat_lost") && !expired {
            let did = Did::Expire(id.clone());
            self.crowd.note(holds.values().flatten(), (*began, answer.ended), &did);
        }
        if hurried && answer.code() == "seat_lost" {
            return Ok(());
        }
        let answer = answer.is(200)?;
        same(&basket, &answer)?;
        if answer.text("state") != "confirmed" || (late && !hurried) || (expired && !late) {
            return Err(format!("a payment led to {}", answer.body));
        }
        let did = if late { Did::SellLate(id.clone()) } else { Did::Sell(id.clone()) };
        self.crowd.note(holds.values().flatten(), (answer.began, answer.ended), &did);
        self.order(&basket, &confirm)?;
        let again = self.crowd.web.insist(&confirm).await?.is(200)?;
        if !again.again || again.body["late"] != answer.body["late"] {
            return Err(format!("confirmed again, {} became {}", answer.body, again.body));
        }
        same(&basket, &again)
    }

    /// Knows an order from now on; no seat of it may be anybody else's.
    fn order(&self, basket: &Basket, confirm: &Ask) -> Result<(), String> {
        let mut known = lock(&self.crowd.known);
        for seat in basket.holds.values().flatten().filter(|line| !line.contains('*')) {
            if let Some(other) = known.sold.insert(seat.clone(), basket.id.clone()) {
                return Err(format!("{seat} was sold to {other} and to {}", basket.id));
            }
        }
        let order = Order { confirm: confirm.clone(), holds: basket.holds.clone() };
        known.orders.insert(basket.id.clone(), order);
        Ok(())
    }

    /// Lets a basket run out of time.
    async fn run_out(&self, pass: &str, basket: Basket) -> Result<(), String> {
        let seen = self.expired(pass, &basket).await?;
        self.ran_out(pass, &mut Some(basket), &seen).await
    }

    /// Waits until a basket has run out of time.
    async fn expired(&self, pass: &str, basket: &Basket) -> Result<Answer, String> {
        for _ in 0..POLLS_MAX {
            let seen = self.read(pass, &basket.id).await?;
            if seen.text("state") == "expired" {
                return Ok(seen);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(format!("basket {} does not expire", basket.id))
    }

    /// The basket is said to have run out of time: true only where that can be.
    async fn ran_out(
        &self,
        pass: &str,
        basket: &mut Option<Basket>,
        answer: &Answer,
    ) -> Result<(), String> {
        let Some(mine) = basket.take().filter(|_| self.crowd.manner.hurried) else {
            return Err(format!("nothing can run out of time, and yet {}", answer.body));
        };
        // A refusal may come just before the record that closes the basket.
        let seen = self.expired(pass, &mine).await?;
        let did = Did::Expire(mine.id.clone());
        self.crowd.note(mine.holds.values().flatten(), (mine.began, seen.ended), &did);
        same(&mine, &seen)
    }

    /// What to ask for: mostly seats that others want, too.
    fn choose(&mut self) -> Vec<Value> {
        let performance = PERFORMANCES[self.random.random_range(0..PERFORMANCES.len())];
        match self.random.random_range(0..10) {
            0 => vec![json!({ "performance": performance, "pool": "standing", "units": 2 })],
            1 => vec![json!({ "performance": performance, "best_available": { "seats": 2 } })],
            2 | 3 => {
                let seats = seats();
                let seat = &seats[self.random.random_range(0..seats.len())];
                vec![json!({ "performance": performance, "seat": seat })]
            }
            _ => {
                let (seats, most) = (seats(), self.crowd.manner.wanted);
                let first = self.random.random_range(0..most);
                let other = (first + self.random.random_range(1..most)) % most;
                let item = |at: usize| json!({ "performance": "p1", "seat": seats[at] });
                let both = vec![item(first), item(other)];
                both.into_iter().take(self.random.random_range(1..3)).collect()
            }
        }
    }
}

/// What a basket holds, by its answer.
pub(crate) fn holds_of(basket: &Value) -> Holds {
    let holds = basket["holds"].as_array().into_iter().flatten().map(|hold| {
        let lines = hold["lines"].as_array().into_iter().flatten().map(line).collect();
        (hold["id"].as_u64().unwrap_or_default(), lines)
    });
    holds.collect()
}

fn line(line: &Value) -> String {
    let performance = line["performance"].as_str().unwrap_or_default();
    match line["seat"]["id"].as_str() {
        Some(seat) => format!("{performance}/{seat}"),
        None => format!("{performance}/{}*{}", line["pool"]["id"], line["units"]),
    }
}

/// How many units holds have.
pub(crate) fn units_of(holds: &Holds) -> u64 {
    let units = |line: &String| match line.split_once('*') {
        Some((_, units)) => units.parse().expect("we wrote it"),
        None => 1,
    };
    holds.values().flatten().map(units).sum()
}

/// Whether an answer shows the basket as it is known.
fn same(basket: &Basket, answer: &Answer) -> Result<(), String> {
    if answer.text("id") == basket.id && holds_of(&answer.body) == basket.holds {
        return Ok(());
    }
    Err(format!("basket {} with {:?} became {}", basket.id, basket.holds, answer.body))
}
