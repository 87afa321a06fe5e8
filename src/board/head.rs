//! The head of the board: what everybody asks for, and what every open stream carries.
//!
//! Owns its bytes. Unknown is absent.
//! Invariant: the JSON is smaller than [`HEAD_BYTES_MAX`], whatever operators write.

use std::sync::Arc;

use bytes::Bytes;
use stanchion_domain::board::picture::Head;
use stanchion_domain::board::status::{Counts, Known, Status};
use stanchion_domain::board::trigger::written_bytes;
use stanchion_domain::limits::{HEAD_BYTES_MAX, NAME_BYTES_MAX};
use stanchion_domain::sale::definition::Definition;

use super::frame;
use super::json::{self, Rendered};
use super::projection::{self, Ahead, Projection};
use super::wire::{
    CountsBody, Estimate, HeadBody, NoticeBody, PriceRangeBody, QueueBody, StaleBody, StatusBody,
};

/// One version of the head.
#[derive(Debug)]
pub struct HeadPart {
    /// The version at which the head last changed.
    pub version: u64,
    /// The response.
    pub body: Rendered,
    /// The same as a frame of the event stream, shared by everybody who follows.
    pub frame: Bytes,
    shown: Shown,
}

/// All that the bytes depend on, but for the version and the moment.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Shown {
    head: Head,
    running: bool,
    estimate: Option<Estimate>,
    ahead: Ahead,
    sale: String,
    name: String,
    currency: String,
}

/// What a head is made of.
pub(super) struct HeadSource {
    pub(super) definition: Arc<Definition>,
    pub(super) head: Head,
    pub(super) estimate: Option<Estimate>,
    pub(super) projection: Projection,
    pub(super) running: bool,
    pub(super) ahead: Ahead,
}

impl HeadPart {
    /// What it shows.
    pub fn picture(&self) -> &Head {
        &self.shown.head
    }

    /// What was observed of the queue's flow, once there was anything to observe.
    pub fn estimate(&self) -> Option<Estimate> {
        self.shown.estimate
    }

    /// The head of a version.
    pub(super) fn new(source: HeadSource, version: u64) -> Self {
        let moment = source.projection;
        Self::render(Shown::new(source), moment, version)
    }

    /// The head of a later version, if anything but the moment has changed. It keeps its version if
    /// nothing did that everybody sees.
    pub(super) fn next(&self, source: HeadSource, version: u64) -> Option<Self> {
        let moment = source.projection;
        let shown = Shown::new(source);
        if shown == self.shown {
            return None;
        }
        if shown.to_everybody() == self.shown.to_everybody() {
            let (body, frame) = (self.body.clone(), self.frame.clone());
            return Some(Self { version: self.version, body, frame, shown });
        }
        Some(Self::render(shown, moment, version))
    }

    /// The head of a later version, since sale time stands still from this moment on; `None` if it
    /// did already.
    pub(super) fn halted(&self, moment: Projection, version: u64) -> Option<Self> {
        let head = self.shown.head.clone().doubted();
        let shown = Shown { running: false, ahead: Ahead::STILL, head, ..self.shown.clone() };
        (shown != self.shown).then(|| Self::render(shown, moment, version))
    }

    /// Counts of the whole sale.
    pub fn counts(&self) -> &Counts {
        &self.shown.head.counts
    }

    fn render(shown: Shown, moment: Projection, version: u64) -> Self {
        assert!(shown.head.counts.conserved(), "units are neither made nor lost");
        let bytes = json::write(&HeadBody::new(&shown, moment, version));
        debug_assert!(bytes.len() < HEAD_BYTES_MAX, "a head of {} bytes", bytes.len());
        let frame = frame::head_frame(version, &bytes);
        Self { version, body: Rendered::new(bytes, version), frame, shown }
    }
}

impl Shown {
    fn new(source: HeadSource) -> Self {
        // Only a head that shows a deadline depends on the clocks.
        let dated = matches!(source.head.status, Status::InBaskets { .. });
        let definition = source.definition;
        Self {
            ahead: if dated { source.ahead } else { Ahead::STILL },
            head: source.head,
            running: source.running,
            estimate: source.estimate,
            sale: definition.id.clone(),
            name: definition.name.clone(),
            currency: definition.currency.clone(),
        }
    }

    /// Without what only operators see: how old a report is that still counts as a fact.
    fn to_everybody(&self) -> Self {
        let mut shown = self.clone();
        shown.head.known = shown.head.known.map(Known::to_everybody);
        shown
    }
}

impl<'a> HeadBody<'a> {
    fn new(shown: &'a Shown, moment: Projection, version: u64) -> Self {
        let head = &shown.head;
        let texts = head.notice.as_ref().map(|notice| notice.texts.iter());
        let price_range = |(lowest, highest)| PriceRangeBody { lowest, highest };
        Self {
            version,
            sale: &shown.sale,
            name: fitting(&shown.name),
            at: projection::instant(moment.wall_now),
            phase: head.phase.name(),
            opens_at: head.opens_at.and_then(projection::instant),
            status: StatusBody::new(head.status, shown.ahead),
            counts: CountsBody::known(&head.counts, head.known),
            stale: StaleBody::of(head.known),
            currency: &shown.currency,
            price_range_minor: head.price_range_minor.map(price_range),
            queue: QueueBody::new(head, shown.estimate),
            notice: texts
                .map(|texts| texts.map(|(language, text)| NoticeBody { language, text }).collect()),
            redirect: head.redirect.as_deref(),
            time_running: shown.running,
            revision: head.revision,
        }
    }
}

impl QueueBody {
    /// The queue of a head.
    pub fn new(head: &Head, estimated: Option<Estimate>) -> Self {
        let queue = head.queue;
        Self {
            waiting: queue.waiting,
            called: queue.called,
            active: queue.active,
            cap: queue.cap,
            pace_per_minute: queue.pace_per_minute,
            calling: queue.calling,
            estimated,
        }
    }
}

/// As much of a name as takes [`NAME_BYTES_MAX`] bytes when written: all of it, unless somebody
/// named a sale in quotes and angle brackets.
fn fitting(name: &str) -> &str {
    let mut room = NAME_BYTES_MAX;
    for (at, letter) in name.char_indices() {
        let written = written_bytes(letter.encode_utf8(&mut [0; 4]));
        match room.checked_sub(written) {
            Some(rest) => room = rest,
            None => return &name[..at],
        }
    }
    name
}
