//! Visitors and their habits. They know only what they were answered and shown.

use super::server::{Answer, Server};
use crate::support::Random;
use stanchion_domain::change::Change;
use stanchion_domain::command::{BestAvailable, Command, Hold, Item, Target};
use stanchion_domain::id::{
    BasketId, Number, PerformanceIndex, PoolIndex, PriceIndex, RequestKey, SeatIndex,
};
use stanchion_domain::queue::passes::PassState;
use stanchion_domain::queue::standing::Standing;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Habit {
    /// Buys and goes.
    Chooser,
    /// Fills a basket and is never seen again.
    Abandoner,
    /// Joins and does not come when called.
    NoShow,
    /// Holds as much as possible as long as possible.
    Hoarder,
    /// Pays when the basket has long expired.
    LatePayer,
    /// Does everything again and again.
    Refresher,
}

pub struct Visitor {
    at: usize,
    habit: Habit,
    number: Option<Number>,
    shopping: bool,
    position: Option<u32>,
    basket: Option<BasketId>,
    paying_since: Option<u64>,
    asked: Option<(RequestKey, Command)>,
    unanswered: bool,
    requests: u128,
}

impl Visitor {
    pub fn new(at: u64, random: &mut Random) -> Self {
        let habits = [
            Habit::Chooser,
            Habit::Abandoner,
            Habit::NoShow,
            Habit::Hoarder,
            Habit::LatePayer,
            Habit::Refresher,
        ];
        Self {
            at: at as usize,
            habit: habits[random.below(6) as usize],
            number: None,
            shopping: false,
            position: None,
            basket: None,
            paying_since: None,
            asked: None,
            unanswered: false,
            requests: (u128::from(at) + 1) << 64,
        }
    }

    /// The answer was lost: whoever cares asks again under the same key.
    pub fn lose_answer(&mut self) {
        self.unanswered = false;
    }

    pub fn act(&mut self, server: &mut Server, random: &mut Random) {
        if self.unanswered {
            return;
        }
        if let Some((request, command)) = self.asked.clone() {
            self.unanswered = true;
            return server.ask(self.at, Some(request), &command);
        }
        let Some(number) = self.number else {
            self.number = server.join();
            return;
        };
        if self.shopping {
            if self.habit != Habit::Abandoner || self.basket.is_none() {
                server.poll(number);
                self.shop(number, server, random);
            } else if random.one_in(100) {
                self.go();
            }
        } else if !(self.habit == Habit::NoShow && random.below(8) > 0) {
            self.wait(number, server, random);
        }
    }

    /// Polls, and takes the turn when it comes. A place is lost by its visitor alone.
    fn wait(&mut self, number: Number, server: &mut Server, random: &mut Random) {
        server.poll(number);
        let standing = server.shown.line().standing(number);
        if let (Some(before), Some(position)) = (self.position, standing.position()) {
            assert!(position <= before, "{number:?} moved back from {before} to {position}");
        }
        self.position = standing.position().or(self.position);
        match standing {
            Standing::Unissued => panic!("{number:?} was given to a visitor"),
            Standing::Spent => self.go(),
            Standing::Called => {
                let pass = server.shown.passes().get(number).expect("a called visitor has a pass");
                let called = matches!(pass.state, PassState::Called { .. });
                assert!(called, "nobody else claims for {number:?}");
                if self.habit != Habit::NoShow || random.one_in(3) {
                    self.ask(Command::Claim { number }, server);
                }
            }
            _ if random.one_in(400) => self.ask(Command::Leave { number }, server),
            _ => {}
        }
    }

    fn shop(&mut self, pass: Number, server: &mut Server, random: &mut Random) {
        let now = server.now().sale.0;
        let (habit, paying_since) = (self.habit, self.paying_since);
        let patience = if habit == Habit::LatePayer { 70_000 } else { 3_000 };
        let command = match (self.basket, paying_since) {
            (None, _) if random.one_in(12) => Command::Leave { number: pass },
            (None, _) => Self::hold(pass, self.fresh_basket(), random),
            (Some(basket), Some(since)) if now >= since + patience => {
                let payment = format!("paid-{}", basket.0);
                Command::Confirm { basket, payment }
            }
            (Some(_), Some(_)) => return,
            (Some(basket), None) => match random.below(8) {
                0..3 if habit != Habit::Hoarder => Command::CheckOut { pass, basket },
                3 => Command::Release { pass, basket, hold: None },
                4 | 5 => Self::hold(pass, Target::Live(basket), random),
                _ => return,
            },
        };
        self.ask(command, server);
        if habit == Habit::Refresher {
            let (mut request, command) = self.asked.clone().expect("it was just asked");
            if let Command::Confirm { .. } = command {
                // A shop whose page was loaded twice tells of one payment under two keys.
                self.requests += 1;
                request.key = self.requests;
            }
            server.ask(self.at, Some(request), &command);
        }
    }

    fn fresh_basket(&self) -> Target {
        Target::New(BasketId(self.requests + 1))
    }

    fn hold(pass: Number, basket: Target, random: &mut Random) -> Command {
        let performance = PerformanceIndex(random.below(3) as u16);
        let price = PriceIndex(random.below(2) as u8);
        let item = match random.below(3) {
            0 => Item::Seat { performance, seat: SeatIndex(random.below(24) as u32), price },
            1 if performance.0 < 2 => Item::Pool {
                performance,
                pool: PoolIndex(0),
                price,
                units: 1 + random.below(2) as u32,
            },
            _ => Item::BestAvailable(BestAvailable {
                performance,
                seats: 1 + random.below(3) as u32,
                accessible: 0,
                zone: None,
                section: None,
                price,
            }),
        };
        Command::Hold(Hold { pass, basket, items: vec![item], entitled: random.one_in(4) })
    }

    fn ask(&mut self, command: Command, server: &mut Server) {
        self.requests += 1;
        let request = RequestKey { key: self.requests, body: 1 };
        self.asked = Some((request, command.clone()));
        self.unanswered = true;
        server.ask(self.at, Some(request), &command);
    }

    /// Takes an answer. A refresher gets each twice, and the second says the same.
    pub fn take(&mut self, answer: Answer, now: u64, random: &mut Random) {
        let Some((_, command)) = self.asked.take() else { return };
        self.unanswered = false;
        match answer {
            Ok(Change::Claimed { .. }) => self.shopping = true,
            Ok(Change::Left { .. }) => self.go(),
            Ok(Change::Held(held)) => self.basket = Some(held.basket),
            Ok(Change::CheckedOut { .. }) => self.paying_since = Some(now),
            Ok(_) => (self.basket, self.paying_since) = (None, None),
            Err(refusal) => self.take_refusal(&command, refusal.code.name(), random),
        }
    }

    fn take_refusal(&mut self, command: &Command, code: &str, random: &mut Random) {
        match (command, code) {
            (Command::Claim { .. }, "no_pass" | "expired") => {}
            (_, "no_pass" | "gone") => {
                // The pass ended in silence: the place is spent, and some join once more.
                if random.one_in(2) {
                    self.go();
                } else {
                    (self.shopping, self.basket, self.paying_since) = (false, None, None);
                }
            }
            (Command::Hold(_), "expired" | "not_found" | "wrong_state") => self.basket = None,
            (Command::Hold(_), _) => {}
            _ => (self.basket, self.paying_since) = (None, None),
        }
    }

    /// Leaves for good, and comes again as somebody new.
    fn go(&mut self) {
        let (at, habit, requests) = (self.at, self.habit, self.requests);
        *self = Self { habit, requests, ..Self::new(at as u64, &mut Random(0)) };
    }
}
