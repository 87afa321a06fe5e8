//! What was appended lately, kept in memory: a Redis that lost its end gets it back from here.

use std::collections::VecDeque;

use super::stream::{Frame, before};
use crate::journal::Head;

/// Bytes that are kept. A rush of 10,000 records of about 100 bytes a second is 16 s of it; a
/// replica that is promoted lags by less than a second, a disk flushed every second by two.
const BYTES_MAX: usize = 16 << 20;

/// The newest acknowledged records, oldest first, without gaps.
#[derive(Debug, Default)]
pub(super) struct Tail {
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl Tail {
    /// Adds what was acknowledged, and lets go of what is too old.
    pub(super) fn extend(&mut self, frames: Vec<Frame>) {
        self.bytes += frames.iter().map(|frame| frame.bytes.len()).sum::<usize>();
        self.frames.extend(frames);
        while self.bytes > BYTES_MAX {
            let oldest = self.frames.pop_front().expect("what has bytes has frames");
            self.bytes -= oldest.bytes.len();
        }
    }

    /// A record, if it is kept.
    pub(super) fn get(&self, head: Head) -> Option<&Frame> {
        let at = self.frames.partition_point(|frame| before(frame.head, head));
        self.frames.get(at).filter(|frame| frame.head == head)
    }

    /// Everything after a record, if nothing in between is missing.
    pub(super) fn after(&self, head: Head) -> Option<Vec<Frame>> {
        let at = self.frames.partition_point(|frame| !before(head, frame.head));
        let next = self.frames.get(at)?;
        (next.head.sequence == head.sequence + 1)
            .then(|| self.frames.iter().skip(at).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(epoch: u32, sequence: u64, bytes: usize) -> Frame {
        Frame { head: Head { sequence, epoch }, bytes: vec![7; bytes] }
    }

    #[test]
    fn the_tail_gives_back_what_follows_a_record_only_without_a_gap() {
        let mut tail = Tail::default();
        tail.extend((5..=9).map(|sequence| frame(2, sequence, 10)).collect());
        let after = |epoch, sequence| tail.after(Head { sequence, epoch }).map(|all| all.len());
        assert_eq!(after(2, 6), Some(3));
        assert_eq!(after(1, 4), Some(5), "it follows a record of an earlier epoch");
        assert_eq!(after(1, 3), None, "record 4 is not kept");
        assert_eq!(after(2, 9), None, "nothing follows");
        assert_eq!(tail.get(Head { sequence: 7, epoch: 2 }), Some(&frame(2, 7, 10)));
        assert_eq!(tail.get(Head { sequence: 7, epoch: 1 }), None);
    }

    #[test]
    fn the_tail_is_bounded_and_keeps_the_newest() {
        let mut tail = Tail::default();
        for sequence in 1..=40 {
            tail.extend(vec![frame(1, sequence, 1 << 20)]);
            assert!(tail.bytes <= BYTES_MAX);
        }
        assert_eq!(tail.after(Head { sequence: 24, epoch: 1 }).map(|all| all.len()), Some(16));
        assert_eq!(tail.after(Head { sequence: 23, epoch: 1 }), None);
        tail.extend(vec![frame(1, 41, 17 << 20)]);
        assert_eq!((tail.bytes, tail.frames.len()), (0, 0), "one that is larger than all");
    }
}
