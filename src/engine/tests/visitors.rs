//! What visitors, the shop and operators ask, and what they remember of the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use stanchion_domain::change::Change;
use stanchion_domain::command::{
    BestAvailable, Command, Hold, Item, Ops, OpsAction, Target, Units,
};
use stanchion_domain::id::{
    BasketId, HoldId, Number, PerformanceIndex, PlaceMark, PoolIndex, PriceIndex, RequestKey,
    SeatIndex,
};
use stanchion_domain::inventory::baskets::{Basket, BasketState};
use stanchion_domain::queue::passes::PassState;
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::time::Span;
use tokio::sync::oneshot::{Receiver, error::TryRecvError};

use super::super::Engine;
use super::super::ask::{Accepted, Answer, Declined};
use super::super::published::Published;
use super::night;
use super::witness::Witness;
use crate::journal::faulty::dice::Dice;

/// Everybody outside.
#[derive(Default)]
pub(super) struct Visitors {
    /// Numbers that were given, with the last position that was shown.
    pub(super) shown: BTreeMap<Number, Option<u32>>,
    away: BTreeSet<Number>,
    requests: Vec<Request>,
    baskets: u128,
}

struct Request {
    key: RequestKey,
    command: Command,
    waiting: Vec<Receiver<Answer>>,
    /// How often it was asked since nobody waited for an answer.
    copies: u32,
    outcome: Outcome,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Outcome {
    Unknown,
    Accepted(Change),
    Refused,
}

impl Visitors {
    /// Somebody new comes.
    pub(super) fn join(&mut self, engine: &Engine) -> Number {
        let number = engine.join().expect("numbers are reserved ahead");
        assert!(self.shown.insert(number, None).is_none(), "no number twice");
        number
    }

    /// Everybody who is here asks for their position.
    pub(super) fn poll(&mut self, published: &Published) {
        let now = published.now().sale;
        for (number, shown) in &mut self.shown {
            if self.away.contains(number) {
                continue;
            }
            published.places.see(*number, now);
            let position = published.places.standing(*number).position();
            if let (Some(before), Some(position)) = (*shown, position) {
                assert!(position <= before, "{number:?} was at {before} and is at {position}");
            }
            *shown = position.or(*shown);
        }
    }

    /// Somebody closes the laptop, or opens it again.
    pub(super) fn come_or_go(&mut self, dice: &mut Dice) {
        let Some(number) = self.anybody(dice) else { return };
        if !self.away.remove(&number) {
            self.away.insert(number);
        }
    }

    /// Asks something new; says what, for the trace.
    pub(super) fn ask(&mut self, engine: &Engine, dice: &mut Dice) -> String {
        let Some(command) = self.command(engine.published(), dice) else { return String::new() };
        let key = self.requests.len() as u128 + 1;
        let key = RequestKey { key, body: key as u64 };
        let said = format!("{command:?}");
        let outcome = Outcome::Unknown;
        self.requests.push(Request { key, command, waiting: Vec::new(), copies: 0, outcome });
        // Now and then twice at once, as by a double click.
        for _ in 0..=u32::from(dice.below(8) == 0) {
            let request = self.requests.last_mut().expect("just pushed");
            request.put(engine);
        }
        said
    }

    /// Asks again what nobody answered, and some of what was answered.
    pub(super) fn ask_again(&mut self, engine: &Engine, dice: &mut Dice) {
        for request in &mut self.requests {
            let unknown = request.outcome == Outcome::Unknown && request.waiting.is_empty();
            if unknown && dice.below(3) == 0 || dice.below(64) == 0 {
                request.put(engine);
            }
        }
    }

    /// Asks everything again; says whether anything is still unknown.
    pub(super) fn ask_everything_again(&mut self, engine: &Engine) {
        self.requests.iter_mut().for_each(|request| request.put(engine));
    }

    /// Whether everybody knows what became of what they asked.
    pub(super) fn all_known(&self) -> bool {
        self.requests.iter().all(|one| one.waiting.is_empty() && one.outcome != Outcome::Unknown)
    }

    /// Takes the answers that have come.
    pub(super) fn listen(&mut self, witness: &Witness) -> usize {
        self.requests.iter_mut().map(|request| request.listen(witness)).sum()
    }

    /// The server is gone, and with it every connection.
    pub(super) fn hang_up(&mut self) {
        self.requests.iter_mut().for_each(|request| request.waiting.clear());
    }

    /// What was acknowledged is durable, and what was refused is not.
    pub(super) fn check(&self, witness: &Witness) {
        for Request { key, outcome, .. } in &self.requests {
            match outcome {
                Outcome::Accepted(change) => {
                    if let Some(durable) = witness.answer(key.key) {
                        assert_eq!(durable, change, "what was acknowledged is durable");
                    }
                }
                Outcome::Refused => assert_eq!(witness.answer(key.key), None, "refused is refused"),
                Outcome::Unknown => {}
            }
        }
    }

    fn anybody(&self, dice: &mut Dice) -> Option<Number> {
        let all: Vec<_> = self.shown.keys().copied().collect();
        (!all.is_empty()).then(|| dice.pick(&all))
    }

    fn command(&mut self, published: &Published, dice: &mut Dice) -> Option<Command> {
        let basket = some_basket(published, dice);
        Some(match dice.below(22) {
            // The house has its own way to say what it has; elsewhere there is nothing to say.
            21 if published.desk().definition.mirrored() => return None,
            21 => Command::Report(Arc::new([night::sold_out()])),
            20 => Command::Move { number: self.anybody(dice)?, to: PlaceMark(dice.below(9)) },
            0..6 => Command::Claim { number: self.with_pass(published, dice, false)? },
            6..12 => Command::Hold(self.hold(published, dice)?),
            // Now and then with a number that nobody was given.
            12 => {
                let unissued = Number(published.places.issued() + 5);
                let number = self.anybody(dice)?;
                Command::Leave { number: if dice.below(4) == 0 { unissued } else { number } }
            }
            13 => {
                let basket = basket?;
                let hold = (dice.below(2) == 0).then_some(HoldId(1));
                Command::Release { pass: basket.pass, basket: basket.id, hold }
            }
            14..16 => {
                let basket = basket?;
                Command::CheckOut { pass: basket.pass, basket: basket.id }
            }
            16..18 => Command::Confirm { basket: basket?.id, payment: "paid".to_owned() },
            _ => {
                let revision = published.desk().operations.revision;
                let (actor, reason) = ("ada".to_owned(), String::new());
                let action = self.action(published, dice)?;
                Command::Ops(Ops { revision, actor, reason, action })
            }
        })
    }

    /// Somebody who was called, or who is in the shop.
    fn with_pass(&self, published: &Published, dice: &mut Dice, active: bool) -> Option<Number> {
        let with: Vec<_> = (self.shown.keys().copied())
            .filter(|number| {
                let pass = published.pass(*number);
                pass.is_some_and(|view| (view.pass.state == PassState::Active) == active)
            })
            .collect();
        (!with.is_empty()).then(|| dice.pick(&with))
    }

    fn hold(&mut self, published: &Published, dice: &mut Dice) -> Option<Hold> {
        let pass = self.with_pass(published, dice, true)?;
        let live = published.pass(pass).and_then(|view| view.basket);
        self.baskets += 1;
        let basket = live.map_or(Target::New(BasketId(self.baskets)), Target::Live);
        let performances = published.desk().definition.performances.len() as u64;
        let performance = PerformanceIndex(dice.below(performances) as u16);
        let price = PriceIndex(0);
        let seats = 1 + dice.below(3) as u32;
        let item = match dice.below(3) {
            0 => Item::Seat { performance, seat: seat(dice), price },
            1 => Item::Pool { performance, pool: PoolIndex(0), price, units: seats },
            _ => Item::BestAvailable(BestAvailable {
                performance,
                seats,
                accessible: 0,
                zone: None,
                section: None,
                price,
            }),
        };
        let entitled = dice.below(2) == 0;
        Some(Hold { pass, basket, items: vec![item], entitled })
    }

    fn action(&self, published: &Published, dice: &mut Dice) -> Option<OpsAction> {
        let desk = published.desk();
        let what = Units::Seats { performance: PerformanceIndex(0), seats: vec![seat(dice)] };
        Some(match dice.below(17) {
            0 if desk.operations.frozen => OpsAction::ResumeTime,
            0 if dice.below(3) == 0 => OpsAction::FreezeTime,
            1 | 2 if desk.operations.frozen => OpsAction::ResumeTime,
            1 if desk.operations.calling_paused => OpsAction::ResumeCalling,
            1 if dice.below(3) == 0 => OpsAction::PauseCalling,
            1..4 => OpsAction::SetCap(1 + dice.below(6) as u32),
            4 => OpsAction::AddTime(Span(1 + dice.below(20_000))),
            5 => OpsAction::Withhold { what, kind: Withheld::House },
            6 => OpsAction::Restore { what },
            7 => OpsAction::EndPass(self.with_pass(published, dice, true)?),
            8 => OpsAction::CancelOrder(some_basket(published, dice)?.id),
            14 => {
                let basket = some_basket(published, dice)?.id;
                OpsAction::ExtendBasket { basket, span: Span(1 + dice.below(20_000)) }
            }
            15 | 16 => OpsAction::RestorePlace(self.anybody(dice)?),
            9 if desk.definition.performances.len() < 5 => {
                OpsAction::Redefine(Arc::new(night::grown(&desk.definition)))
            }
            10 => OpsAction::CallForWhatIsLeft(!desk.operations.call_for_what_is_left),
            11 => OpsAction::Redefine(Arc::new(night::kept_by_the_other(&desk.definition))),
            12 => {
                let triggers = &desk.definition.triggers;
                let at = dice.below(triggers.len() as u64) as usize;
                OpsAction::SetTrigger(triggers[at].clone())
            }
            _ => OpsAction::Open,
        })
    }
}

fn seat(dice: &mut Dice) -> SeatIndex {
    SeatIndex(dice.below(u64::from(night::SEATS)) as u32)
}

/// Mostly one that is live.
fn some_basket(published: &Published, dice: &mut Dice) -> Option<Arc<Basket>> {
    let any = dice.below(3) == 0;
    let wanted = |basket: &Basket| basket.live() || any;
    let mut baskets = published.baskets(wanted);
    baskets.sort_by_key(|basket| (basket.state != BasketState::Paying, basket.id));
    let at = dice.below(baskets.len().max(1) as u64) as usize;
    baskets.get(at).cloned()
}

impl Request {
    fn put(&mut self, engine: &Engine) {
        self.copies = if self.waiting.is_empty() { 1 } else { self.copies + 1 };
        // What is refused is not remembered: it may come to more now.
        if self.outcome == Outcome::Refused {
            self.outcome = Outcome::Unknown;
        }
        match engine.put(self.command.clone(), Some(self.key)) {
            Ok(waiting) => self.waiting.push(waiting),
            Err(declined) => assert_eq!(declined, Declined::Down, "nothing else is in the way"),
        }
    }

    fn listen(&mut self, witness: &Witness) -> usize {
        let mut came = Vec::new();
        self.waiting.retain_mut(|waiting| match waiting.try_recv() {
            Ok(answer) => {
                came.push(answer);
                false
            }
            Err(TryRecvError::Empty) => true,
            Err(TryRecvError::Closed) => panic!("everybody is told something"),
        });
        let count = came.len();
        came.into_iter().for_each(|answer| self.settle(answer, witness));
        count
    }

    fn settle(&mut self, answer: Answer, witness: &Witness) {
        let durable = witness.answer(self.key.key);
        let outcome = match answer {
            Ok(Accepted { change, again, .. }) => {
                if !again || durable.is_some() {
                    assert_eq!(durable, Some(&change), "an acknowledgement is durable");
                }
                Outcome::Accepted(change)
            }
            // Both wait for what was decided before them: one that was refused is heard after one
            // that came later to more.
            Err(Declined::Refused(_)) if durable.is_some() && self.copies > 1 => return,
            Err(Declined::Refused(_)) => {
                assert_eq!(durable, None, "what was recorded is not refused: {:?}", self.command);
                // By nature, and not under its key: what it asks for may be gone by now.
                Outcome::Refused
            }
            Err(Declined::Down | Declined::Stopping) => return,
            Err(Declined::Busy) => panic!("the backlog is not full"),
        };
        if let (Outcome::Accepted(_), Some(_)) = (&self.outcome, durable) {
            assert_eq!(self.outcome, outcome, "a key is answered the same for good");
        }
        self.outcome = outcome;
    }
}
