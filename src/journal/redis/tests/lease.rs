//! Who may write: taking, keeping, losing and giving up the lease.

use super::*;

#[test]
fn of_two_processes_one_writes_and_the_other_is_told_who() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let (mut one, mut other) = (elsewhere.process("s"), elsewhere.process("s"));
    let _journal = one.must_take();
    for _ in 0..3 {
        match other.sale.take(Head::default()).unwrap() {
            Taking::Held { holder } => assert!(holder.starts_with(&one.sale.name), "{holder}"),
            wrong => panic!("{wrong:?}"),
        }
    }
}

#[test]
fn a_lease_that_is_given_up_can_be_taken_at_once() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let (mut one, mut other) = (elsewhere.process("s"), elsewhere.process("s"));
    let mut journal = one.must_take();
    let records = append(&mut *journal, 1, 3);
    drop(journal);
    let journal = other.must_take();
    assert_eq!(journal.head(), Head { sequence: 3, epoch: 1 });
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), records);
}

#[test]
fn a_silent_lease_goes_to_exactly_one_of_those_who_watched() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut processes = [(); 3].map(|()| elsewhere.process("s"));
    let mut journal = processes[0].must_take();
    append(&mut *journal, 1, 3);
    let mut taken = Vec::new();
    for _ in 0..8 {
        for process in &mut processes[1..] {
            process.hand.pass_ms(u32::try_from(LEASE_MS).unwrap() / 4);
            if let Taking::Taken(journal) = process.sale.take(Head::default()).unwrap() {
                taken.push(journal);
            }
        }
    }
    assert_eq!(taken.len(), 1);
}

#[test]
fn a_lease_whose_holder_beats_does_not_lapse() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let (mut one, mut other) = (elsewhere.process("s"), elsewhere.process("s"));
    let journal = one.must_take();
    for _ in 0..20 {
        journal.health().unwrap();
        other.hand.pass_ms(u32::try_from(LEASE_MS).unwrap() / 4);
        let taking = other.sale.take(Head::default()).unwrap();
        assert!(matches!(taking, Taking::Held { .. }), "{taking:?}");
    }
}

#[test]
fn appends_keep_the_lease_alive() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let (mut one, mut other) = (elsewhere.process("s"), elsewhere.process("s"));
    let mut journal = one.must_take();
    for _ in 0..20 {
        one.hand.pass_ms(u32::try_from(LEASE_MS).unwrap() / 2);
        append(&mut *journal, 1, 1);
        other.hand.pass_ms(u32::try_from(LEASE_MS).unwrap() / 4);
        let taking = other.sale.take(Head::default()).unwrap();
        assert!(matches!(taking, Taking::Held { .. }), "{taking:?}");
    }
}

#[test]
fn a_deposed_writer_appends_nothing_even_before_its_successor_did() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let (mut one, mut other) = (elsewhere.process("s"), elsewhere.process("s"));
    let mut deposed = one.must_take();
    let mut all = append(&mut *deposed, 1, 3);
    let Taking::Taken(mut journal) = other.take_over(deposed.head()) else { panic!("taken") };
    let late = batch(3, 1, 2, &mut Dice::new(9));
    let fault = deposed.append(&late).unwrap_err();
    assert!(matches!(fault, JournalFault::Deposed { ours: 1, newest: 2 }), "{fault}");
    assert!(!fault.resumes());
    all.extend(append(&mut *journal, 2, 4));
    for fault in [deposed.reopen().unwrap_err(), deposed.append(&late).unwrap_err()] {
        let known =
            matches!(fault, JournalFault::Deposed { .. } | JournalFault::Unreachable { .. });
        assert!(known, "{fault}");
    }
    drop(deposed);
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
    append(&mut *journal, 2, 1);
}

#[test]
fn a_deposed_writer_notices_when_it_is_asked_for_its_health() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let (mut one, mut other) = (elsewhere.process("s"), elsewhere.process("s"));
    let deposed = one.must_take();
    let Taking::Taken(_journal) = other.take_over(Head::default()) else { panic!("taken") };
    let fault = deposed.health().unwrap_err();
    assert!(matches!(fault, JournalFault::Deposed { .. }), "{fault}");
}

#[test]
fn nobody_takes_over_a_stream_that_ends_before_what_was_seen_unless_told_to() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let (mut one, mut other) = (elsewhere.process("s"), elsewhere.process("s"));
    let mut journal = one.must_take();
    append(&mut *journal, 1, 3);
    drop(journal);
    let seen = Head { sequence: 4, epoch: 1 };
    let newest = Head { sequence: 3, epoch: 1 };
    match other.sale.take(seen).unwrap() {
        Taking::Short { newest: found, seen: wanted } => {
            assert_eq!((found, wanted), (newest, seen));
        }
        wrong => panic!("{wrong:?}"),
    }
    let Taking::Taken(journal) = other.sale.take_short().unwrap() else { panic!("taken") };
    assert_eq!(journal.head(), newest);
}

#[test]
fn who_saw_what_the_journal_went_on_without_does_not_take_it() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let (mut one, mut other) = (elsewhere.process("s"), elsewhere.process("s"));
    let mut journal = one.must_take();
    append(&mut *journal, 1, 3);
    append(&mut *journal, 2, 3);
    drop(journal);
    let fault = other.sale.take(Head { sequence: 4, epoch: 1 }).unwrap_err();
    assert!(!fault.resumes() && fault.to_string().contains("record 1-4"), "{fault}");
    let longer = other.sale.take(Head { sequence: 9, epoch: 1 }).unwrap();
    assert!(matches!(longer, Taking::Short { .. }), "{longer:?}");
    let right = other.sale.take(Head { sequence: 4, epoch: 2 }).unwrap();
    assert!(matches!(right, Taking::Taken(_)), "{right:?}");
}

#[test]
fn who_waits_is_woken_by_a_record_and_told_when_the_stream_went_another_way() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let (mut one, mut other) = (elsewhere.process("s"), elsewhere.process("s"));
    let mut journal = one.must_take();
    append(&mut *journal, 1, 3);
    let long = Duration::from_secs(600);
    other.sale.wait(Head { sequence: 2, epoch: 1 }, long).unwrap();
    other.sale.wait(journal.head(), Duration::from_millis(1)).unwrap();
    append(&mut *journal, 2, 1);
    let lost = Head { sequence: 7, epoch: 1 };
    let fault = other.sale.wait(lost, long).unwrap_err();
    assert!(matches!(fault, JournalFault::Corrupt { .. }), "{fault}");
}
