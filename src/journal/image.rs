//! The state of a sale as the image of a snapshot: its fields in their order, with tags.
//!
//! Changing any of this is a new image format. Those of the formats before are read as well
//! (`image_3`, `image_2`); one of any other is not, and the records it covers are replayed instead
//! while they are still there.

use std::collections::VecDeque;
use std::sync::Arc;

use stanchion_domain::board::trigger::{Notice, Trigger};
use stanchion_domain::change::{Change, Line};
use stanchion_domain::command::{OpsAction, Report};
use stanchion_domain::id::SeatIndex;
use stanchion_domain::id::{BasketId, HoldId, Number, PerformanceIndex, PlaceMark, PoolIndex};
use stanchion_domain::inventory::baskets::{Basket, BasketState, Closing, KeptHold};
use stanchion_domain::inventory::reports::Newest;
use stanchion_domain::inventory::stock::WithheldUnits;
use stanchion_domain::queue::line::{LineImage, Missed};
use stanchion_domain::queue::pace::Pace;
use stanchion_domain::queue::passes::PassState;
use stanchion_domain::sale::answers::Answer;
use stanchion_domain::sale::definition::{Definition, Withheld};
use stanchion_domain::sale::image::{Image, PassImage};
use stanchion_domain::sale::operations::{Audit, Operations, Phase};
use stanchion_domain::time::{Now, SaleTime, WallTime};

use super::Head;
use super::codec::{Input, Wire, fields, variants};
use super::fault::JournalFault;
use super::mirrored::Defined;
use super::snapshot::Snapshot;
use super::{image_2, image_3};

/// The format of the image that this version writes.
pub const IMAGE_FORMAT: u16 = 4;

/// A snapshot of a sale whose newest record is `head`.
pub fn encode(image: &Image, head: Head) -> Snapshot {
    let mut bytes = Vec::new();
    image.put(&mut bytes);
    let Head { sequence, epoch } = head;
    Snapshot { sequence, epoch, format: IMAGE_FORMAT, image: bytes }
}

/// The sale that a snapshot holds.
///
/// # Faults
/// [`JournalFault::Format`] for another format, [`JournalFault::Corrupt`] for bytes that are none.
pub fn decode(snapshot: &Snapshot) -> Result<Image, JournalFault> {
    let at = || format!("snapshot {}", snapshot.sequence);
    let take = match snapshot.format {
        IMAGE_FORMAT => Image::take,
        image_3::FORMAT => image_3::take,
        image_2::FORMAT => image_2::take,
        found => {
            let (found, known) = (found.into(), IMAGE_FORMAT.into());
            return Err(JournalFault::Format { at: at(), found, known });
        }
    };
    let mut from = Input::new(&snapshot.image);
    let image = take(&mut from).and_then(|image| from.end().map(|()| image));
    let image = image.map_err(|what| JournalFault::corrupt(at(), what.to_string()))?;
    match image.definition.flaw() {
        Some(flaw) => Err(JournalFault::corrupt(at(), flaw)),
        None => Ok(image),
    }
}

fields! {
    Image {
        definition: Arc<Definition> as Defined,
        operations: Operations,
        line: LineImage,
        pace: Pace,
        passes: Vec<PassImage>,
        baskets: Vec<Basket>,
        withheld: Vec<WithheldUnits>,
        reports: Vec<Newest>,
        answers: Vec<(u128, Answer)>,
        now: SaleTime,
        marked_at: SaleTime,
        grace_until: SaleTime,
        resumed_at: SaleTime,
    }
    Operations {
        phase: Phase,
        calling_paused: bool,
        frozen: bool,
        cap: u32,
        pace_per_minute: u32,
        call_for_what_is_left: bool,
        notice: Option<Notice>,
        notice_until: Option<WallTime>,
        redirect: Option<String>,
        triggers: Vec<(Trigger, bool)>,
        revision: u64,
        audit: VecDeque<Audit>,
    }
    Audit { revision: u64, now: Now, actor: String, reason: String, action: OpsAction }
    LineImage {
        waiting: Vec<u64>,
        passed: Vec<u64>,
        spent: Vec<u64>,
        front: u32,
        issued: u32,
        reserved: u32,
        missed: Vec<(Number, Missed)>,
        moved: Vec<(Number, PlaceMark)>,
    }
    Missed { times: u32, not_before: SaleTime }
    Pace { next_at_us: u64, took_at_us: u64 }
    PassImage { number: Number, state: PassState, since: SaleTime }
    Basket {
        id: BasketId,
        pass: Number,
        state: BasketState,
        opened_at: SaleTime,
        deadline_at: SaleTime,
        holds: Vec<KeptHold>,
        hold_next: HoldId,
    }
    KeptHold { id: HoldId, lines: Arc<[Line]> }
    WithheldUnits {
        performance: PerformanceIndex,
        seats: Vec<(SeatIndex, Withheld)>,
        pools: Vec<(PoolIndex, u64, u64)>,
    }
    Newest { report: Report, at: SaleTime, wall: WallTime, stale: bool }
    Answer { body: u64, at: SaleTime, change: Change }
}

variants! {
    Phase { 1 = Before, 2 = Open, 3 = Closed }
    PassState { 1 = Called { claim_until: SaleTime }, 2 = Active }
    BasketState {
        1 = Open,
        2 = Paying,
        3 = Confirmed { payment: String; late: false },
        4 = Closed { at: SaleTime, why: Closing, was_paying: bool },
        5 = Lost { payment: String },
        6 = Confirmed { payment: String; late: true },
    }
    Closing { 1 = Released, 2 = Expired, 3 = Cancelled }
}
