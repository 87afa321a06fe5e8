//! Journals of every released format are read for good.
//!
//! `tests/fixtures/journal-v1` holds a journal as this format wrote it, and its records as text.
//! With `STANCHION_WRITE_FIXTURES` set the test writes it anew, which is right only as long as no
//! version with this format was released.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use stanchion_domain::change::Change;

use super::samples::{batch, read_all};
use crate::journal::codec::Wire;
use crate::journal::faulty::dice::Dice;
use crate::journal::local::LocalJournal;
use crate::journal::snapshot::Snapshot;
use crate::journal::{Journal, Record};

const FILES: [&str; 3] = ["journal.redb", "acknowledged", "snapshot-12.bin"];

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal-v1")
}

fn snapshot() -> Snapshot {
    Snapshot { sequence: 12, epoch: 1, format: 1, image: b"an image of that time".to_vec() }
}

fn as_text(records: &[Record]) -> String {
    records.iter().fold(String::new(), |mut text, record| {
        writeln!(text, "{record:?}").expect("text takes everything");
        text
    })
}

/// One record of every kind of change, and of every deed of an operator.
fn one_of_each() -> Vec<Record> {
    let mut kinds = BTreeSet::new();
    let mut records = batch(0, 1, 3_000, &mut Dice::new(2_015));
    records.retain(|record| {
        let mut bytes = Vec::new();
        record.decided.change.put(&mut bytes);
        let deed = bytes.first().copied();
        bytes.clear();
        if let Change::Operated { action, .. } = &record.decided.change {
            action.put(&mut bytes);
        }
        kinds.insert((deed, bytes.first().copied()))
    });
    records.iter_mut().zip(1..).for_each(|(record, sequence)| record.sequence = sequence);
    assert_eq!(records.len(), 25 + 25, "25 other changes, and 25 deeds");
    records
}

fn write(dir: &Path) {
    let _ = fs::remove_dir_all(dir);
    let mut journal = LocalJournal::open(dir).unwrap();
    let records = one_of_each();
    records.chunks(6).for_each(|some| journal.append(some).unwrap());
    journal.history().put_snapshot(&snapshot()).unwrap();
    fs::write(dir.join("records.txt"), as_text(&records)).unwrap();
}

#[test]
fn a_journal_of_format_1_still_reads_to_the_same_records() {
    if std::env::var_os("STANCHION_WRITE_FIXTURES").is_some() {
        write(&fixture());
    }
    let dir = tempfile::tempdir().unwrap();
    for file in FILES {
        fs::copy(fixture().join(file), dir.path().join(file)).unwrap();
    }
    let journal = LocalJournal::open(dir.path()).unwrap();
    let records = read_all(&*journal.history(), 1).unwrap();
    let expected = fs::read_to_string(fixture().join("records.txt")).unwrap();
    for (record, expected) in as_text(&records).lines().zip(expected.lines()) {
        assert_eq!(record, expected);
    }
    assert_eq!(records.len(), expected.lines().count());
    assert_eq!(journal.history().snapshot().unwrap(), Some(snapshot()));
}

#[test]
fn the_document_has_the_scripts_that_run_in_redis() {
    let document = include_str!("../../../docs/journal-format.md");
    for script in crate::journal::redis::tests::SCRIPTS {
        assert!(document.contains(script), "not in the document:\n{script}");
    }
}

#[test]
fn the_document_of_the_format_says_what_the_code_declares() {
    let declared = include_str!("../layout.rs").split_once("wraps! {").expect("it begins so").1;
    assert!(include_str!("../../../docs/journal-format.md").contains(declared));
}
