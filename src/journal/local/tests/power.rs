//! Power fails: what was acknowledged is there, the rest is there whole or not at all.

use super::*;

/// A journal with one batch more than was acknowledged, and the stretch that wrote it.
fn one_unacknowledged(seed: u64) -> (Written, Head) {
    let mut written = Written::new(seed, 12);
    let acknowledged = written.head();
    written.append(2, &mut Dice::new(seed + 1));
    (written, acknowledged)
}

/// Whether the last batch is in; nothing else may be missing, and nothing wrong.
fn whole(written: &Written, records: &[Record], case: &str) -> bool {
    let before = written.all.len() - 2;
    assert!(records == &written.all[..before] || records == written.all, "{case}");
    records.len() > before
}

#[test]
fn a_commit_cut_at_any_byte_is_in_or_is_not() {
    let (written, acknowledged) = one_unacknowledged(1);
    let (stretch, dir) = (written.disk.last_stretch(), tempfile::tempdir().unwrap());
    let mut seen = [0, 0];
    for cut in 0..=stretch.bytes() {
        let records = served(dir.path(), stretch.cut_after(cut), Some(acknowledged))
            .unwrap_or_else(|fault| panic!("cut after {cut}: {fault}"));
        seen[usize::from(whole(&written, &records, &format!("cut after {cut}")))] += 1;
    }
    assert!(seen[0] > 1_000 && seen[1] > 0, "cuts that lost and kept the batch: {seen:?}");
}

#[test]
fn a_commit_whose_writes_arrive_in_any_order_is_in_or_is_not() {
    let dir = tempfile::tempdir().unwrap();
    for seed in 0..20 {
        let (written, acknowledged) = one_unacknowledged(seed);
        let stretch = written.disk.last_stretch();
        let mut dice = Dice::new(seed);
        for round in 0..60 {
            let arrived: Vec<bool> = stretch.steps.iter().map(|_| dice.below(4) > 0).collect();
            let case = format!("seed {seed}, round {round}");
            let records = served(dir.path(), stretch.only(|at| arrived[at]), Some(acknowledged))
                .unwrap_or_else(|fault| panic!("{case}: {fault}"));
            whole(&written, &records, &case);
        }
    }
}

#[test]
fn power_may_fail_again_while_recovering() {
    let (written, acknowledged) = one_unacknowledged(3);
    let (stretch, dir) = (written.disk.last_stretch(), tempfile::tempdir().unwrap());
    let mut dice = Dice::new(3);
    for cut in (0..=stretch.bytes()).step_by(211) {
        let disk = Disk::with(stretch.cut_after(cut));
        let guard = Guard::new(Box::new(disk.clone()));
        let open = load(&guard).unwrap();
        for _ in 0..6 {
            let again = disk.last_stretch();
            let second = usize::try_from(dice.below(again.bytes() as u64 + 1)).unwrap();
            let case = format!("cut after {cut}, then after {second}");
            let records = served(dir.path(), again.cut_after(second), Some(acknowledged))
                .unwrap_or_else(|fault| panic!("{case}: {fault}"));
            whole(&written, &records, &case);
        }
        drop(open);
    }
}

#[test]
fn a_torn_or_absent_mark_is_no_loss() {
    let written = Written::new(4, 5);
    let (bytes, dir) = (written.disk.durable(), written.dir.path());
    drop(written.journal);
    let file = dir.join(ACKNOWLEDGED);
    let mark = fs::read(&file).unwrap();
    for kept in 0..mark.len() {
        fs::write(&file, &mark[..kept]).unwrap();
        LocalJournal::open_on(dir, Box::new(Disk::with(bytes.clone()))).unwrap();
        assert_eq!(fs::read(&file).unwrap(), mark, "it is written anew");
        let mut flipped = mark.clone();
        flipped[kept] ^= 0x10;
        fs::write(&file, &flipped).unwrap();
        LocalJournal::open_on(dir, Box::new(Disk::with(bytes.clone()))).unwrap();
    }
}
