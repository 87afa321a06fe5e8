//! One person of the crowd, drawn: no chance is left in it but what their own seed decides.

use std::time::Duration;

use super::{Chooses, Ending, Looks};

/// A person with their evening in front of them. All spans are those of this run: already divided
/// by the pace of life.
#[derive(Clone, PartialEq, Debug)]
pub struct Person {
    /// Their number in the crowd, from 0.
    pub who: u32,
    /// Subscript of their kind in the scenario.
    pub kind: usize,
    /// When they come, in microseconds of the run.
    pub arrives_us: u64,
    /// The seed of the little decisions on the way.
    pub seed: u64,
    /// Whether they load the waiting page before they join.
    pub loads_page: bool,
    /// How they look at their place.
    pub looks: Looks,
    /// Tabs they have open at once, at least 1.
    pub tabs: u32,
    /// Whether they keep a board stream open.
    pub streams: bool,
    /// Their phone sleeps, so long after joining, for so long.
    pub sleeps: Option<(Duration, Duration)>,
    /// They give up after waiting so long.
    pub gives_up_after: Option<Duration>,
    /// They are away when they are called.
    pub no_show: bool,
    /// Places they take at once, at least 1.
    pub ring: u32,
    /// They connect and never ask.
    pub ghost: bool,
    /// What they do in the shop.
    pub shopping: Shopping,
}

impl Person {
    /// Somebody who looks as told in one tab, takes the best single unit and buys it, all of it
    /// without thinking: what is said besides is what they are there for.
    pub fn plain(who: u32, arrives_us: u64) -> Self {
        Self {
            who,
            kind: 0,
            arrives_us,
            seed: u64::from(who),
            loads_page: false,
            looks: Looks::AsTold,
            tabs: 1,
            streams: false,
            sleeps: None,
            gives_up_after: None,
            no_show: false,
            ring: 1,
            ghost: false,
            shopping: Shopping::plain(),
        }
    }
}

/// What a person does in the shop.
#[derive(Clone, PartialEq, Debug)]
pub struct Shopping {
    /// Units they want, at least 1.
    pub wants: u32,
    /// How they choose.
    pub chooses: Chooses,
    /// Looking before each choice: drawn anew between these two.
    pub thinks: (Duration, Duration),
    /// Choices that may be refused before they leave with nothing.
    pub tries: u32,
    /// They give their first units back and choose again.
    pub changes_mind: bool,
    /// How they part from the shop.
    pub ending: Ending,
    /// The time on the card page.
    pub pays_within: Duration,
    /// How often they give back and take again, shortly before the basket's time is up.
    pub grabs_again: u32,
    /// Pages they load through the gate.
    pub browses: Vec<String>,
}

impl Shopping {
    /// The best single unit, bought at the first try without thinking.
    pub fn plain() -> Self {
        Self {
            wants: 1,
            chooses: Chooses::Best,
            thinks: (Duration::ZERO, Duration::ZERO),
            tries: 1,
            changes_mind: false,
            ending: Ending::Buys,
            pays_within: Duration::ZERO,
            grabs_again: 0,
            browses: Vec::new(),
        }
    }
}
