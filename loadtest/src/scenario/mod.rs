//! A scenario: who comes when, how they behave, what staff and the world do, what is to be reached.
//!
//! Plain values, checked. `read` makes them from a TOML file or says every mistake; `waves` and
//! `people` draw the crowd from a seed. A scenario as it is read holds spans as people live them.
//! [`Scenario::as_played`] divides all of them by the pace of life, once and together: arrivals,
//! people, timeline, outages, phases, opening and end. What it does not touch is the wait for an
//! answer and whatever only the server knows. Whoever plays a night works with the scenario as it
//! is played; crowds are drawn from nothing else.

pub mod limits;
mod pace;
pub mod people;
pub mod person;
pub mod read;
mod scale;
pub mod waves;

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A night to be played.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Scenario {
    /// A short name, for reports and files.
    pub name: String,
    /// What it stands for, and how it was scaled, in a few sentences.
    pub about: String,
    /// Everything random follows from it.
    pub seed: u64,
    /// How many times faster than people the crowd lives.
    pub pace_of_life: f64,
    /// The run ends then at the latest, after the first arrival.
    pub span_max: Duration,
    /// Where the server is.
    pub target: Target,
    /// The server that the harness starts, stops and kills itself, if it may.
    pub own: Option<OwnServer>,
    /// How visitors connect.
    pub wires: Wires,
    /// Who comes when: several add up.
    pub arrivals: Vec<Arrivals>,
    /// Sorts of people; each arrival is one of them, by their shares.
    pub kinds: Vec<Kind>,
    /// What staff and the world do, in order of time.
    pub timeline: Vec<Moment>,
    /// Parts of the run that are measured apart, in order of time; the first begins at 0.
    pub phases: Vec<Phase>,
    /// What is to be reached; the exit code follows.
    pub thresholds: Vec<Threshold>,
}

/// Where the server is, and who we are to it. Flags override the file.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Serialize)]
pub struct Target {
    /// `http://` or `https://` address of the public interface.
    pub url: Option<String>,
    /// Address of the ops interface; without it, staff does nothing and fewer checks are shown.
    pub ops_url: Option<String>,
    /// The sale's id.
    pub sale: String,
    /// File with the shop's API key; without it nobody can pay.
    pub api_key_file: Option<PathBuf>,
    /// File with a staff key of the ops interface.
    pub staff_key_file: Option<PathBuf>,
    /// PEM file with the authority that signed the server's certificate.
    pub authority_file: Option<PathBuf>,
    /// Address of a gate: pages named by `browses` are asked for there.
    pub gate_url: Option<String>,
}

/// A server of our own for this run, on loopback.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct OwnServer {
    /// The sale file that it offers.
    pub sale: PathBuf,
    /// Further settings of the server, as `key=value`.
    pub set: Vec<String>,
    /// Whether the sale opens with the first arrival, so long after the start.
    pub opens_after: Option<Duration>,
    /// Whether a second one stands by, both on one journal: whoever is killed is taken over from.
    pub standby: bool,
}

impl Scenario {
    /// Lets a second server stand by, or says why it cannot.
    ///
    /// # Errors
    /// If the server is not ours, or the timeline stops it: one that stands still for longer than a
    /// lease is taken over from, and one that stands still for less is not, so that nobody could
    /// say how long nobody served.
    pub fn with_standby(mut self) -> Result<Self, &'static str> {
        let own = self.own.as_mut().ok_or("a server of somebody else has no standby of ours")?;
        if self.timeline.iter().any(|moment| matches!(moment.act, Act::Stop { .. })) {
            return Err("a server that has a standby is killed, not stopped");
        }
        own.standby = true;
        Ok(self)
    }
}

/// How visitors connect.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Wires {
    /// HTTP/1.1 or HTTP/2.
    pub http: Http,
    /// Local addresses to come from, in turn; empty: the system's choice.
    pub sources: Vec<std::net::IpAddr>,
    /// Longest wait for an answer before the visitor takes it as lost.
    pub answer_span: Duration,
}

/// The version of HTTP.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
pub enum Http {
    /// One connection a visitor, kept alive.
    #[default]
    #[serde(rename = "1.1")]
    One,
    /// One connection a visitor, many requests at once.
    #[serde(rename = "2")]
    Two,
}

/// People who come, from an instant of the run on.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Arrivals {
    /// After the start of the run.
    pub from: Duration,
    /// How they come.
    pub shape: Shape,
}

/// How people come.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub enum Shape {
    /// All at once.
    Spike {
        /// How many.
        people: u32,
    },
    /// Evenly over a span.
    Step {
        /// How many.
        people: u32,
        /// Over so long.
        over: Duration,
    },
    /// At a rate that changes evenly from one to another over a span.
    Ramp {
        /// A second, at first.
        from_per_second: f64,
        /// A second, at last.
        to_per_second: f64,
        /// Over so long.
        over: Duration,
    },
    /// As recorded: so many in each interval, multiplied.
    Curve {
        /// People in each interval.
        counts: Vec<u32>,
        /// The length of an interval.
        interval: Duration,
        /// How often each of them comes.
        times: u32,
    },
}

/// A sort of people.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Kind {
    /// What the report calls them.
    pub name: String,
    /// Their weight among all kinds.
    pub share: u32,
    /// What they do in the queue.
    pub waits: Waits,
    /// What they do in the shop.
    pub shops: Shops,
}

/// What people do from arriving to being called.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Waits {
    /// Whether they load the waiting page before they join.
    pub loads_page: bool,
    /// How they look at their place.
    pub looks: Looks,
    /// Tabs they have open at once; each looks.
    pub tabs: u32,
    /// Whether they keep a board stream open.
    pub streams: bool,
    /// Share of them whose phone sleeps once while they wait, and how long it does.
    pub sleeps: Chance,
    /// After joining, when that phone falls asleep.
    pub sleeps_after: (Duration, Duration),
    /// Share of them who give up, and after how long.
    pub gives_up: Chance,
    /// Share of them who are away when they are called.
    pub no_show: f64,
    /// Places that one person takes at once, with an account each: 1 for most; the first that is
    /// called is used, the others are left to themselves.
    pub ring: u32,
    /// They connect and keep the connection, and never ask for anything.
    pub ghosts: bool,
}

/// How somebody looks at their place.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
pub enum Looks {
    /// When the server told them to.
    AsTold,
    /// At an interval of their own, whatever they were told.
    Every(Duration),
    /// They load the whole page again at this interval.
    Refreshes(Duration),
}

/// A share of people, and a span drawn evenly between two.
#[derive(Clone, Copy, PartialEq, Debug, Default, Deserialize, Serialize)]
pub struct Chance {
    /// From 0 to 1.
    pub share: f64,
    /// The shortest.
    pub at_least: Duration,
    /// The longest.
    pub at_most: Duration,
}

/// What people do in the shop.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Shops {
    /// Weights of wanting 1, 2, 3 … units.
    pub wants: Vec<u32>,
    /// How they choose.
    pub chooses: Chooses,
    /// Looking before each choice.
    pub thinks: (Duration, Duration),
    /// Choices that may be refused before they leave with nothing.
    pub tries: u32,
    /// Share of them who give their first units back and choose again.
    pub changes_mind: f64,
    /// How they part from the shop, by weight.
    pub ending: Vec<(Ending, u32)>,
    /// The time on the card page.
    pub pays_within: (Duration, Duration),
    /// Bots: take all they may, give it back shortly before its time is up, take it again, so
    /// often.
    pub grabs_again: u32,
    /// Pages they load through the gate while they are in the shop.
    pub browses: Vec<String>,
}

/// How somebody chooses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chooses {
    /// The best available, or units of a pool where there are no seats.
    Best,
    /// Seats by name, next to one another, as they see them free on the map.
    Seats,
    /// The same performance as everybody, whatever is left elsewhere.
    Hottest,
}

/// How somebody parts from the shop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With an order.
    Buys,
    /// Closes the window with a basket.
    WalksAway,
    /// Gives the basket back and leaves.
    Leaves,
    /// Closes the window on the card page.
    WalksAwayFromCard,
    /// Gives the basket back on the card page.
    CancelsOnCard,
    /// Pays, but only after the basket's time is up.
    PaysLate,
}

/// Something that happens at an instant of the run.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Moment {
    /// After the start of the run.
    pub at: Duration,
    /// What.
    pub act: Act,
}

/// What staff or the world does.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub enum Act {
    /// An ops change: the body of the action as the ops interface takes it, and why.
    Change {
        /// `{"type":"set_cap","cap":100}` and the like.
        action: serde_json::Value,
        /// The reason that goes into the audit.
        reason: String,
    },
    /// The own server stands still for so long (SIGSTOP).
    Stop {
        /// How long.
        span: Duration,
    },
    /// The own server is killed (SIGKILL), and started again after so long. With a standby it is
    /// the one that writes, and the other one takes over meanwhile.
    Kill {
        /// How long it is away.
        span: Duration,
    },
}

/// A part of the run.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Phase {
    /// What the report calls it.
    pub name: String,
    /// After the start of the run.
    pub from: Duration,
}

/// Something to be reached.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Threshold {
    /// Which operation, or `all`.
    pub operation: String,
    /// Which phase; absent: the whole run.
    pub phase: Option<String>,
    /// `p50_ms`, `p90_ms`, `p99_ms`, `p999_ms`, `max_ms`, `failed_share`, `per_second`; or the name
    /// of a check's figure as `check.figure`.
    pub figure: String,
    /// At most this.
    pub at_most: Option<f64>,
    /// At least this.
    pub at_least: Option<f64>,
}
