//! Notices and triggers: words for everyone in the queue, and conditions set before the night.

use super::status::{Counts, StatusKind};
use crate::id::{PerformanceIndex, ZoneIndex};
use crate::time::WallTime;

/// Words for everyone in the queue, in one or more languages; the first is the fallback.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Notice {
    /// Language tag (BCP 47) and text.
    pub texts: Vec<(String, String)>,
}

/// What one language of a notice costs besides its tag and its text:
/// `{"language":"","text":""},`.
const NOTICE_FRAME_BYTES: usize = 26;

impl Notice {
    /// Bytes that the notice takes in the board's head, all languages together.
    pub fn written_bytes(&self) -> usize {
        let texts = self.texts.iter();
        texts.map(|(tag, text)| NOTICE_FRAME_BYTES + tag.len() + written_bytes(text)).sum()
    }
}

/// The most bytes that a text takes in the JSON of the board, where quotes and backslashes are
/// doubled, and `<` and control characters written as numbers.
pub fn written_bytes(text: &str) -> usize {
    let written = |byte| match byte {
        b'"' | b'\\' => 2,
        b'<' | 0..=0x1f => 6,
        _ => 1,
    };
    text.bytes().map(written).sum()
}

/// A condition that acts once when it is met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trigger {
    /// Stable id.
    pub id: String,
    /// What it watches.
    pub scope: Scope,
    /// What it waits for.
    pub condition: Condition,
    /// What it does then, in order.
    pub deeds: Vec<Deed>,
}

/// The part of a sale that a trigger watches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scope {
    /// All performances and zones together.
    #[default]
    Sale,
    /// One performance, all zones.
    Performance(PerformanceIndex),
    /// One price zone, all performances.
    Zone(ZoneIndex),
}

/// What a trigger waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// The status of the scope is this one.
    StatusIs(StatusKind),
    /// At most so many units are available.
    AvailableAtMost(u64),
    /// At least this share of the capacity is sold, in thousandths.
    SoldAtLeastPermille(u32),
    /// Wall time has reached this instant.
    TimeReached(WallTime),
}

impl Condition {
    /// Whether it is met by what a trigger watches, at a wall time. That a sale has to be open for
    /// all but the time is for the sale to say.
    pub fn met(self, counts: &Counts, wall: WallTime) -> bool {
        match self {
            Self::StatusIs(kind) => counts.status(None).kind() == Some(kind),
            Self::AvailableAtMost(units) => counts.available <= units,
            Self::SoldAtLeastPermille(share) => {
                counts.capacity > 0 && counts.sold * 1_000 >= counts.capacity * u64::from(share)
            }
            Self::TimeReached(at) => wall >= at,
        }
    }
}

/// What a trigger does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Post a notice.
    PostNotice(Notice),
    /// Post a notice that is taken away again at this wall time.
    PostNoticeUntil { notice: Notice, until: WallTime },
    /// Stop calling.
    StopCalling,
    /// Send everyone in the queue to this address.
    Redirect(String),
}
