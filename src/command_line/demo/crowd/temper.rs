//! How one visitor behaves: drawn once, from the visitor's own random sequence.
//!
//! Spans are those of people; the crowd divides them by its pace of life. The shares are made up:
//! they shall bring out every behaviour in a crowd of a few hundred, not describe a real evening.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

/// The longest that anybody looks once little is left.
const LOOKS_IN_HASTE: Duration = Duration::from_secs(10);

/// One visitor's ways.
#[derive(Clone, PartialEq, Debug)]
pub struct Temper {
    /// When they come, after the crowd has begun.
    pub arrives_after: Duration,
    /// How long they wait in the queue before they give up; most wait as long as it takes.
    pub waits_at_most: Option<Duration>,
    /// Whether they load the page again and again.
    pub refreshes: bool,
    /// Whether they close the lid once while they wait.
    pub naps: bool,
    /// Whether they are away when they are called.
    pub misses_the_call: bool,
    /// Seats they want.
    pub seats: u32,
    /// Whether one of the seats has to be a wheelchair place.
    pub accessible: bool,
    /// Whether they point at seats instead of asking for the best.
    pub points_at_seats: bool,
    /// How long they look before each choice.
    pub looks: Duration,
    /// Whether they give their first seats back and choose again.
    pub changes_mind: bool,
    /// Whether they add a second hold to their basket.
    pub adds_more: bool,
    /// How they part from the shop.
    pub ending: Ending,
    /// Whether they close the window after their order: their pass ends by its silence.
    pub forgets_to_leave: bool,
    /// How long they take on the card page.
    pub pays_within: Duration,
}

/// How a visitor parts from the shop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// With an order.
    Buys,
    /// Closes the window with seats in the basket.
    WalksAway,
    /// Gives the basket back, then leaves.
    Leaves,
    /// Closes the window on the card page.
    WalksAwayFromCard,
    /// Gives the basket back on the card page.
    CancelsOnCard,
}

impl Temper {
    /// Draws a temper.
    pub fn draw(random: &mut StdRng, arrive_over: Duration) -> Self {
        // Evenly: a person who comes in the middle of a crowd is not behind all of it.
        let late = random.random_range(0.0..1.0_f64);
        Self {
            arrives_after: arrive_over.mul_f64(late),
            waits_at_most: percent(random, 6).then(|| seconds(random, 120, 1_800)),
            refreshes: percent(random, 12),
            naps: percent(random, 5),
            misses_the_call: percent(random, 2),
            seats: seats(random),
            accessible: percent(random, 3),
            points_at_seats: percent(random, 30),
            looks: if percent(random, 10) {
                seconds(random, 60, 180)
            } else {
                seconds(random, 5, 40)
            },
            changes_mind: percent(random, 10),
            adds_more: percent(random, 10),
            ending: Ending::draw(random),
            forgets_to_leave: percent(random, 5),
            pays_within: seconds(random, 15, 60),
        }
    }
}

impl Temper {
    /// Who sees that little is left points at it, takes it at once, pays and goes.
    pub fn take_what_is_left(&mut self) {
        self.points_at_seats = true;
        (self.changes_mind, self.adds_more, self.ending) = (false, false, Ending::Buys);
        self.looks = self.looks.min(LOOKS_IN_HASTE);
        self.forgets_to_leave = false;
    }
}

impl Ending {
    fn draw(random: &mut StdRng) -> Self {
        match random.random_range(0..100) {
            0..82 => Self::Buys,
            82..86 => Self::WalksAway,
            86..93 => Self::Leaves,
            93..97 => Self::WalksAwayFromCard,
            _ => Self::CancelsOnCard,
        }
    }
}

/// Pairs are the most frequent by far, threes and fives rare.
fn seats(random: &mut StdRng) -> u32 {
    match random.random_range(0..100) {
        0..12 => 1,
        12..62 => 2,
        62..72 => 3,
        72..92 => 4,
        92..95 => 5,
        _ => 6,
    }
}

fn percent(random: &mut StdRng, share: u32) -> bool {
    random.random_ratio(share, 100)
}

fn seconds(random: &mut StdRng, from: u64, to: u64) -> Duration {
    Duration::from_secs(random.random_range(from..=to))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;

    #[test]
    fn one_seed_gives_one_temper() {
        let draw = |seed| Temper::draw(&mut StdRng::seed_from_u64(seed), Duration::from_secs(60));
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn a_crowd_of_a_few_hundred_has_everybody_in_it() {
        let draw = |seed| Temper::draw(&mut StdRng::seed_from_u64(seed), Duration::from_secs(60));
        let crowd: Vec<_> = (0..400).map(draw).collect();
        for (who, is) in [
            ("refreshes", (|temper: &Temper| temper.refreshes) as fn(&Temper) -> bool),
            ("naps", |temper| temper.naps),
            ("gives up", |temper| temper.waits_at_most.is_some()),
            ("misses the call", |temper| temper.misses_the_call),
            ("needs a wheelchair place", |temper| temper.accessible),
            ("points at seats", |temper| temper.points_at_seats),
            ("changes their mind", |temper| temper.changes_mind),
            ("adds more", |temper| temper.adds_more),
            ("forgets to leave", |temper| temper.forgets_to_leave),
            ("walks away", |temper| temper.ending == Ending::WalksAway),
            ("leaves", |temper| temper.ending == Ending::Leaves),
            ("walks away from the card", |temper| temper.ending == Ending::WalksAwayFromCard),
            ("cancels on the card page", |temper| temper.ending == Ending::CancelsOnCard),
        ] {
            let so_many = crowd.iter().filter(|temper| is(temper)).count();
            assert!((1..200).contains(&so_many), "{so_many} of 400: {who}");
        }
        let seats: BTreeSet<_> = crowd.iter().map(|temper| temper.seats).collect();
        assert_eq!(seats, (1..=6).collect());
        assert!(crowd.iter().all(|temper| temper.arrives_after <= Duration::from_secs(60)));
    }
}
