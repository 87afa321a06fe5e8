//! What is left, per performance and price zone: the same for everybody who reads one language.

use jiff::tz::TimeZone;
use serde::Serialize;
use stanchion_domain::board::picture::ZonePicture;
use stanchion_domain::board::status::Status;
use stanchion_domain::id::{PerformanceIndex, ZoneIndex};
use stanchion_domain::sale::definition::{Definition, Performance, PriceZone};

use super::moment::{Form, Moment};
use super::words::Words;
use crate::board::store::Board;
use crate::files::sale::decimals;

/// Bytes of the rows as they are written, at most: the page as a whole stays below 40 KB, of which
/// style, script and words take 25. A row takes 200 to 700 bytes.
const ROWS_BYTES_MAX: usize = 12 << 10;
/// Bytes around the texts of a row.
const ROW_BYTES: usize = 200;
/// Beyond so many performances nobody looks for price zones here.
const PERFORMANCES_WITH_ZONES_MAX: usize = 12;

/// The table of what is left.
#[derive(Debug, Serialize)]
pub struct Left {
    rows: Vec<Row>,
    /// Performances that are not in the table.
    more: usize,
}

/// A performance.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    starts_at: Option<Moment>,
    prices: Option<String>,
    counts: Counts,
    zones: Vec<Zone>,
}

/// A price zone of a performance.
#[derive(Debug, Serialize)]
struct Zone {
    name: String,
    prices: Option<String>,
    counts: Counts,
}

/// How many there are, and what follows from that.
#[derive(Debug, Serialize)]
struct Counts {
    /// The message that says it.
    message: &'static str,
    /// Its figure.
    n: u64,
    /// When the first may come back.
    at: Option<Moment>,
    /// In baskets, where the message does not say so.
    in_baskets: u64,
    sold: u64,
}

impl Left {
    /// The table of a board, in one language and for a venue of this time zone.
    pub fn new(definition: &Definition, board: &Board, (words, zone): (&Words, &TimeZone)) -> Self {
        let rows = Rows { definition, board, words, zone, currency: Currency::of(definition) };
        let mut table = Self { rows: Vec::new(), more: 0 };
        let mut room = ROWS_BYTES_MAX;
        for (performance, at) in definition.performances.iter().zip((0..).map(PerformanceIndex)) {
            let row = rows.row(performance, at);
            let left = row.as_ref().and_then(|row| room.checked_sub(row.bytes()));
            match (left, row) {
                (Some(left), Some(row)) if table.more == 0 => {
                    room = left;
                    table.rows.push(row);
                }
                _ => table.more += 1,
            }
        }
        table
    }
}

/// What rows are made of.
struct Rows<'a> {
    definition: &'a Definition,
    board: &'a Board,
    words: &'a Words,
    zone: &'a TimeZone,
    currency: Currency<'a>,
}

struct Currency<'a> {
    code: &'a str,
    digits: u32,
}

impl<'a> Currency<'a> {
    fn of(definition: &'a Definition) -> Self {
        Self { code: &definition.currency, digits: decimals(&definition.currency) }
    }
}

impl Rows<'_> {
    fn row(&self, performance: &Performance, at: PerformanceIndex) -> Option<Row> {
        let picture = self.board.performances.picture(at)?;
        let zones = picture.zones.iter().filter_map(|(zone, of)| Some((self.zone(*zone)?, of)));
        let told = self.definition.performances.len() <= PERFORMANCES_WITH_ZONES_MAX
            && picture.zones.len() > 1;
        let rows = zones.clone().filter(|_| told).map(|(zone, of)| Zone {
            name: zone.name.clone(),
            prices: self.prices([zone].into_iter()),
            counts: self.counts(of),
        });
        Some(Row {
            name: performance.name.clone(),
            starts_at: performance
                .starts_at
                .and_then(|at| Moment::of_ms(at.0, Form::Day, self.zone)),
            prices: self.prices(zones.clone().map(|(zone, _)| zone)),
            counts: self.counts(&picture.total),
            zones: rows.collect(),
        })
    }

    fn zone(&self, zone: ZoneIndex) -> Option<&PriceZone> {
        self.definition.zones.get(zone.at())
    }

    /// The range of the prices of some zones.
    fn prices<'z>(&self, zones: impl Iterator<Item = &'z PriceZone>) -> Option<String> {
        let amounts = zones.flat_map(|zone| &zone.prices).map(|price| price.amount_minor);
        let (low, high) = amounts.fold(None, |range: Option<(u64, u64)>, amount| {
            let (low, high) = range.unwrap_or((amount, amount));
            Some((low.min(amount), high.max(amount)))
        })?;
        let Currency { code, digits } = self.currency;
        let written = |minor| self.words.price(minor, digits, code);
        Some(self.words.range(written(low), written(high)))
    }

    fn counts(&self, picture: &ZonePicture) -> Counts {
        let counts = picture.counts;
        let in_baskets = counts.held + counts.paying;
        let (message, n, at) = match picture.status {
            Status::OnSale => ("available", counts.available, None),
            Status::Low { left } => ("available-low", left, None),
            Status::SoldOut => ("sold-out", 0, None),
            Status::InBaskets { units, first_return_at } => {
                let at = first_return_at.and_then(|at| self.board.wall(at));
                let message = if at.is_some() { "in-baskets-at" } else { "in-baskets" };
                (message, units, at.map(|at| Moment::new(at, Form::Time, self.zone)))
            }
            Status::Unknown => match picture.known.and_then(|known| known.as_of) {
                Some(at) => ("as-of", counts.available, Moment::of_ms(at.0, Form::Time, self.zone)),
                None => ("not-reported", 0, None),
            },
        };
        let told = matches!(picture.status, Status::InBaskets { .. } | Status::Unknown);
        let ended = matches!(picture.status, Status::SoldOut | Status::Unknown);
        Counts {
            message,
            n,
            at,
            in_baskets: if told { 0 } else { in_baskets },
            sold: if ended { 0 } else { counts.sold },
        }
    }
}

impl Row {
    /// About the bytes it takes when it is written; escaping makes a letter six at most.
    fn bytes(&self) -> usize {
        let zones: usize =
            self.zones.iter().map(|zone| ROW_BYTES + written_bytes(&zone.name)).sum();
        ROW_BYTES + written_bytes(&self.name) + zones
    }
}

fn written_bytes(text: &str) -> usize {
    text.chars().map(|letter| if letter.is_alphanumeric() { letter.len_utf8() } else { 6 }).sum()
}
