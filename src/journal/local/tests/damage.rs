//! The disk rots, lies, or has somebody else's bytes on it.

use super::*;
use crate::journal::faulty::disk::Disobedience;

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

/// Where these bytes are, every time they are.
fn offsets(of: &[u8], within: &[u8]) -> Vec<usize> {
    let windows = within.windows(of.len()).enumerate();
    windows.filter_map(|(at, window)| (window == of).then_some(at)).collect()
}

#[test]
fn every_flipped_bit_of_the_last_records_is_refused() {
    let written = Written::new(1, 10);
    let (bytes, dir) = (written.disk.durable(), tempfile::tempdir().unwrap());
    let mut frame = Vec::new();
    for record in &written.all[written.all.len() - 3..] {
        record::encode(record, &mut frame).unwrap();
        let found = offsets(&frame, &bytes);
        for bit in 0..frame.len() * 8 {
            let mut damaged = bytes.clone();
            found.iter().for_each(|offset| flip(&mut damaged, offset * 8 + bit));
            let case = format!("record {}, bit {bit}", record.sequence);
            let result = served(dir.path(), damaged, Some(written.head()));
            assert!(!right_or_refused(result, &written.all, &case), "{case}: not noticed");
        }
    }
}

/// The bytes of a journal as a crash leaves them, and as an orderly stop does.
fn crashed_and_closed(seed: u64, batches: u64) -> (Vec<Record>, Head, [Vec<u8>; 2]) {
    let Written { disk, journal, all, .. } = Written::new(seed, batches);
    let (head, crashed) = (journal.head(), disk.durable());
    drop(journal);
    (all, head, [crashed, disk.durable()])
}

#[test]
fn flipped_bits_anywhere_are_refused_or_do_not_matter() {
    let (all, head, images) = crashed_and_closed(2, 30);
    let dir = tempfile::tempdir().unwrap();
    for (seed, bytes) in (2..).zip(images) {
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        let (mut dice, mut refused) = (Dice::new(seed), 0);
        for _ in 0..2_000 {
            let bit = usize::try_from(dice.below(used as u64 * 8)).unwrap();
            let mut damaged = bytes.clone();
            flip(&mut damaged, bit);
            let result = served(dir.path(), damaged, Some(head));
            refused += u32::from(!right_or_refused(result, &all, &format!("bit {bit}")));
        }
        // How many depends on how full the pages are; some have to hit.
        assert!(refused > 20, "of 2,000 flips {refused} were refused");
    }
}

#[test]
fn flipped_bits_of_the_header_are_refused_or_do_not_matter() {
    let (all, head, images) = crashed_and_closed(3, 10);
    let dir = tempfile::tempdir().unwrap();
    for bytes in images {
        for bit in 0..320 * 8 {
            let mut damaged = bytes.clone();
            flip(&mut damaged, bit);
            let result = served(dir.path(), damaged, Some(head));
            right_or_refused(result, &all, &format!("bit {bit} of the header"));
        }
    }
}

#[test]
fn rot_in_a_file_that_was_closed_in_order_is_found_at_the_start() {
    let (all, head, [_, closed]) = crashed_and_closed(12, 10);
    let (dir, mut frame) = (tempfile::tempdir().unwrap(), Vec::new());
    record::encode(&all[all.len() / 2], &mut frame).unwrap();
    let mut damaged = closed;
    offsets(&frame, &damaged).into_iter().for_each(|offset| flip(&mut damaged, offset * 8));
    Mark::open(&dir.path().join(ACKNOWLEDGED)).unwrap().0.put(head);
    let opened = LocalJournal::open_on(dir.path(), Box::new(Disk::with(damaged)));
    assert!(matches!(opened, Err(JournalFault::Corrupt { .. })), "before anything is served");
}

#[test]
fn a_write_that_was_reported_done_and_was_not_is_never_served() {
    let (dir, mut refused) = (tempfile::tempdir().unwrap(), 0);
    for lost in 0.. {
        let mut written = Written::new(4, 8);
        written.disk.disobey(Some(Disobedience::LoseWrite(lost)));
        let mut dice = Dice::new(5);
        (0..3).for_each(|_| written.append(4, &mut dice));
        if written.disk.tried().0 <= lost {
            break;
        }
        let result = served(dir.path(), written.disk.durable(), Some(written.head()));
        let case = format!("write {lost} lost");
        refused += u32::from(!right_or_refused(result, &written.all, &case));
    }
    assert!(refused > 3, "{refused} lost writes mattered");
}

#[test]
fn an_older_file_put_back_is_refused_with_the_gap() {
    let dir = tempfile::tempdir().unwrap();
    let mut written = Written::new(6, 10);
    let (older, had) = (written.disk.durable(), written.head().sequence);
    written.append(3, &mut Dice::new(6));
    let fault = served(dir.path(), older, Some(written.head())).unwrap_err();
    let said = fault.to_string();
    assert!(said.contains(&format!("records {} to {}", had + 1, had + 3)), "{said}");
    assert!(!fault.resumes());
}

#[test]
fn a_foreign_file_is_refused() {
    let (dir, one, other) = (tempfile::tempdir().unwrap(), Written::new(7, 9), Written::new(8, 9));
    let mark = Head { sequence: other.head().sequence, epoch: 9 };
    let fault = served(dir.path(), other.disk.durable(), Some(mark)).unwrap_err();
    assert!(matches!(fault, JournalFault::Corrupt { .. }), "{fault}");
    for bytes in [b"not a journal".repeat(1_000), vec![0; 8_192]] {
        let fault = served(dir.path(), bytes, Some(one.head())).unwrap_err();
        assert!(matches!(fault, JournalFault::Corrupt { .. }), "{fault}");
    }
}

#[test]
fn a_truncated_file_is_refused_or_does_not_matter() {
    let written = Written::new(9, 20);
    let (bytes, dir) = (written.disk.durable(), tempfile::tempdir().unwrap());
    let mut dice = Dice::new(9);
    for round in 0..500 {
        let len = match round {
            0..200 => round * 4_096,
            _ => usize::try_from(dice.below(bytes.len() as u64)).unwrap(),
        };
        let cut = bytes[..len.clamp(1, bytes.len())].to_vec();
        let case = format!("truncated to {len}");
        right_or_refused(served(dir.path(), cut, Some(written.head())), &written.all, &case);
    }
}

#[test]
fn swapped_pages_are_refused_or_do_not_matter() {
    let written = Written::new(10, 30);
    let (bytes, dir) = (written.disk.durable(), tempfile::tempdir().unwrap());
    let used = bytes.chunks(4_096).filter(|page| page.iter().any(|byte| *byte != 0)).count();
    for (one, other) in (0..used.min(40)).flat_map(|one| (0..one).map(move |other| (one, other))) {
        let mut swapped = bytes.clone();
        let (low, high) = swapped.split_at_mut(one * 4_096);
        low[other * 4_096..][..4_096].swap_with_slice(&mut high[..4_096]);
        let case = format!("pages {one} and {other} swapped");
        right_or_refused(served(dir.path(), swapped, Some(written.head())), &written.all, &case);
    }
}

#[test]
fn a_damaged_snapshot_is_passed_over_for_the_one_before() {
    let written = Written::new(11, 10);
    let (dir, history) = (written.dir.path(), written.journal.history());
    let snapshot = |sequence| crate::journal::snapshot::Snapshot {
        sequence,
        epoch: 1,
        format: 1,
        image: vec![7; 100],
    };
    history.put_snapshot(&snapshot(4)).unwrap();
    history.put_snapshot(&snapshot(8)).unwrap();
    let file = dir.join("snapshot-8.bin");
    let bytes = fs::read(&file).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        flip(&mut damaged, bit);
        fs::write(&file, damaged).unwrap();
        assert_eq!(history.snapshot().unwrap(), Some(snapshot(4)), "bit {bit}");
    }
    fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(history.snapshot().unwrap(), Some(snapshot(4)));
    fs::write(&file, &bytes).unwrap();
    fs::rename(&file, dir.join("snapshot-9.bin")).unwrap();
    assert_eq!(history.snapshot().unwrap(), Some(snapshot(4)), "it is not the one its name says");
}
