//! Limits of a scenario file: what a person would write, with room to spare, and no more than one
//! machine can hold.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Bytes of a scenario file: five thousand moments of 200 bytes each.
pub const FILE_BYTES_MAX: u64 = 1 << 20;
/// Bytes of a recorded curve: a day by the second, 16 bytes a line, three times over.
pub const CURVE_BYTES_MAX: u64 = 4 << 20;
/// Bytes of a sale file that is looked into for its id; the server reads it in earnest.
pub const SALE_BYTES_MAX: u64 = 16 << 20;
/// Mistakes listed in full: more than anybody mends in one go. The rest are counted.
pub const MISTAKES_LISTED_MAX: usize = 100;

/// People in all. Each is a task of some KiB and a connection: a million are several machines full.
pub const PEOPLE_MAX: u64 = 1_000_000;
/// People of one wave: all of them may come in one.
pub const PEOPLE: RangeInclusive<u32> = 0..=1_000_000;
/// Blocks of arrivals: a wave a minute through a long evening.
pub const ARRIVALS_MAX: usize = 300;
/// Kinds of people: more than any report could tell apart.
pub const KINDS_MAX: usize = 50;
/// Moments of the timeline: one every 5 s for more than an hour.
pub const MOMENTS_MAX: usize = 1_000;
/// Phases: each is a column of the report.
pub const PHASES_MAX: usize = 50;
/// Thresholds: each operation in each of a dozen phases, twice.
pub const THRESHOLDS_MAX: usize = 500;
/// Intervals of a recorded curve: a day by the second.
pub const INTERVALS_MAX: usize = 86_400;
/// Local addresses to come from: at 28,000 ports each, seven times the people there may be.
pub const SOURCES_MAX: usize = 250;
/// Settings passed on to the own server: more than it has.
pub const SET_MAX: usize = 100;
/// Pages that one person loads in the shop: a long look around.
pub const BROWSES_MAX: usize = 50;
/// Weights of wanting 1, 2, 3 … units: a school class with its teachers is 50.
pub const WANTS_MAX: usize = 50;

/// Bytes of a name: a heading, a part of a file's name.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes of `about`: a page.
pub const ABOUT_BYTES_MAX: usize = 4_000;
/// Bytes of an address, a path or a setting.
pub const ADDRESS_BYTES_MAX: usize = 2_000;
/// Bytes of the reason of a change: what the ops interface takes.
pub const REASON_BYTES_MAX: usize = 500;

/// The seed: what TOML can write of a 64-bit number.
pub const SEED: RangeInclusive<u64> = 0..=i64::MAX as u64;
/// The pace of life. Below 0.1 an hour takes ten; above 1,000 nobody thinks for a millisecond.
pub const PACE_OF_LIFE: RangeInclusive<f64> = 0.1..=1_000.0;
/// A weight among others: fine enough for one in a million, and fifty of them add up in 32 bits.
pub const WEIGHT: RangeInclusive<u32> = 0..=1_000_000;
/// A share of people.
pub const SHARE: RangeInclusive<f64> = 0.0..=1.0;
/// Arrivals a second, at the ends of a ramp: all the people there may be, in one.
pub const RATE: RangeInclusive<f64> = 0.0..=1_000_000.0;
/// How often each person of a recorded curve comes: the smallest curve times this is everybody.
pub const TIMES: RangeInclusive<u32> = 1..=1_000_000;
/// Tabs of one person: more do not fit on a screen.
pub const TABS: RangeInclusive<u32> = 1..=20;
/// Places of one person: the accounts that one person keeps apart by hand.
pub const RING: RangeInclusive<u32> = 1..=50;
/// Choices that may be refused before somebody leaves: nobody is that patient.
pub const TRIES: RangeInclusive<u32> = 1..=1_000;
/// How often a bot takes again what it gave back: baskets of a minute through a whole day.
pub const GRABS: RangeInclusive<u32> = 0..=1_500;

/// Spans of a night, from nothing to a day.
pub const SPAN: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_hours(24);
/// Spans in which something is to happen: a spike needs none.
pub const SPAN_OVER: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(24);
/// The length of a run.
pub const SPAN_MAX: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);
/// Between two looks: ten a second is the fastest script worth playing.
pub const LOOK_SPAN: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_hours(1);
/// Longest wait for an answer: below, a healthy network is lost; above, nobody waits.
pub const ANSWER_SPAN: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_mins(10);
/// An interval of a recorded curve.
pub const INTERVAL: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(1);
/// How long the own server stands still or is away.
pub const OUTAGE_SPAN: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_hours(1);
/// Figures that a threshold compares with.
pub const FIGURE: RangeInclusive<f64> = -1e12..=1e12;
