//! The journal that fails on purpose fails as it says.

use super::samples::{batch, read_all};
use crate::journal::fault::JournalFault;
use crate::journal::faulty::dice::Dice;
use crate::journal::faulty::{FaultyJournal, Misfortune, Script, scripted, seeded};
use crate::journal::{Journal, Record};

fn after_one_batch(misfortune: Misfortune) -> (FaultyJournal, Vec<Record>) {
    let mut journal = FaultyJournal::new(scripted([(2, misfortune)]));
    let records = batch(0, 1, 6, &mut Dice::new(1));
    journal.append(&records[..3]).unwrap();
    (journal, records)
}

#[test]
fn what_was_not_synced_survives_a_crash_whole_or_not_at_all() {
    for (keep, left) in [(true, 6), (false, 3)] {
        let (mut journal, records) = after_one_batch(Misfortune::SyncFails);
        let fault = journal.append(&records[3..]).unwrap_err();
        assert!(matches!(fault, JournalFault::Poisoned(_)) && !fault.resumes());
        assert!(journal.reopen().is_err(), "a failed sync is never retried");
        assert_eq!(read_all(&journal, 1).unwrap(), records[..3]);
        journal.crash(keep);
        assert_eq!(read_all(&journal, 1).unwrap(), records[..left]);
        assert_eq!(journal.head().sequence, left as u64);
        journal.health().unwrap();
    }
}

#[test]
fn a_full_journal_resumes_after_as_many_attempts_as_planned() {
    let (mut journal, records) = after_one_batch(Misfortune::Full { reopenings: 2 });
    let fault = journal.append(&records[3..]).unwrap_err();
    assert!(matches!(fault, JournalFault::Full(_)) && fault.resumes());
    assert!(journal.append(&records[3..]).is_err() && journal.health().is_err());
    assert!(journal.reopen().is_err() && journal.reopen().is_err());
    assert_eq!(journal.reopen().unwrap().sequence, 3);
    journal.append(&records[3..]).unwrap();
    assert_eq!(read_all(&journal, 1).unwrap(), records);
}

#[test]
fn what_was_written_before_the_space_was_gone_is_there_when_the_journal_is_opened_again() {
    let (mut journal, records) = after_one_batch(Misfortune::FullAfter { reopenings: 1 });
    assert!(journal.append(&records[3..]).unwrap_err().resumes());
    assert_eq!(read_all(&journal, 1).unwrap(), records[..3]);
    assert!(journal.reopen().is_err());
    assert_eq!(journal.reopen().unwrap().sequence, 6);
    assert_eq!(read_all(&journal, 1).unwrap(), records);
}

#[test]
fn a_failed_write_leaves_nothing_and_a_slow_one_everything() {
    let (mut journal, records) = after_one_batch(Misfortune::WriteFails);
    assert!(!journal.append(&records[3..]).unwrap_err().resumes());
    journal.crash(true);
    assert_eq!(journal.head().sequence, 3);

    let (mut journal, records) = after_one_batch(Misfortune::Slow { ms: 700 });
    journal.append(&records[3..]).unwrap();
    assert_eq!((journal.head().sequence, journal.delay_ms()), (6, 700));
}

#[test]
fn a_seed_fails_the_same_way_twice() {
    let run = |mut script: Script| -> Vec<_> { (1..=5_000).map(&mut script).collect() };
    let first = run(seeded(11, 100));
    assert_eq!(first, run(seeded(11, 100)));
    assert_ne!(first, run(seeded(12, 100)));
    let failed = first.iter().flatten().count();
    assert!((400..600).contains(&failed), "{failed} of 5,000 at 100 in a thousand");
}
