//! The bytes of a record: they come back as they went, and wrong ones never pass for right.

use proptest::prelude::*;
use stanchion_domain::change::{Change, Decided};
use stanchion_domain::id::PlanIndex;
use stanchion_domain::time::Now;

use super::samples;
use crate::journal::Record;
use crate::journal::codec::{self, Wire};
use crate::journal::faulty::dice::Dice;
use crate::journal::record;

fn bytes_of(value: &impl Wire) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.put(&mut bytes);
    bytes
}

#[test]
fn every_kind_of_change_is_among_the_samples() {
    let mut tags = std::collections::BTreeSet::new();
    let mut dice = Dice::new(1);
    for _ in 0..2_000 {
        tags.extend(bytes_of(&samples::decided(&mut dice).change).first().copied());
    }
    assert!(tags.into_iter().eq(1..=26), "one tag for each change, from 1 on");
}

#[test]
fn numbers_have_one_encoding_only() {
    assert_eq!(bytes_of(&300_u64), [0xac, 0x02]);
    assert_eq!(bytes_of(&-3_i64), [0x05]);
    assert_eq!(bytes_of(&i64::MIN).len(), 10);
    assert_eq!(codec::decode::<u64>(&bytes_of(&u64::MAX)), Ok(u64::MAX));
    for padded in [&[0x80, 0x00][..], &[0xac, 0x82, 0x00]] {
        assert_eq!(codec::decode::<u64>(padded).unwrap_err().what, "a padded number");
    }
    let too_large = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
    assert_eq!(codec::decode::<u64>(&too_large).unwrap_err().what, "a number over 64 bits");
    assert_eq!(codec::decode::<u8>(&[0x80, 0x02]).unwrap_err().what, "a number out of range");
}

#[test]
fn a_count_is_not_believed_before_as_much_is_there() {
    let hostile = bytes_of(&u64::MAX);
    let refused = "a count of more than is there";
    assert_eq!(codec::decode::<Vec<u64>>(&hostile).unwrap_err().what, refused);
    assert_eq!(codec::decode::<String>(&hostile).unwrap_err().what, refused);
    assert_eq!(codec::decode::<Vec<u128>>(&[2, 0, 0]).unwrap_err().what, refused);
    assert_eq!(codec::decode::<String>(&[1, 0xff]).unwrap_err().what, "text that is not UTF-8");
}

#[test]
fn a_definition_that_points_nowhere_is_not_read() {
    let mut definition = samples::definition(&mut Dice::new(2));
    let seating = definition.performances[0].seating.get_or_insert_default();
    seating.plan = PlanIndex(7);
    let change = Change::Created(std::sync::Arc::new(definition));
    let decided = Decided { now: Now::default(), request: None, change };
    let empty = Change::Resumed;
    let record =
        Record { sequence: 1, epoch: 1, decided: Decided { change: empty, ..decided.clone() } };
    let mut bytes = Vec::new();
    record::encode(&record, &mut bytes).unwrap();
    bytes.truncate(22);
    decided.put(&mut bytes);
    let length = u32::try_from(bytes.len()).unwrap();
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    let sum = record::checksum(&bytes[..6], &bytes[10..]);
    bytes[6..10].copy_from_slice(&sum.to_le_bytes());
    let said = record::decode(&bytes).unwrap_err().to_string();
    assert_eq!(said, "a performance has a plan that does not exist");
}

#[test]
fn a_newer_format_is_named_and_not_half_read() {
    let record = samples::batch(0, 1, 1, &mut Dice::new(3)).remove(0);
    let mut bytes = Vec::new();
    record::encode(&record, &mut bytes).unwrap();
    bytes[4..6].copy_from_slice(&2_u16.to_le_bytes());
    let sum = record::checksum(&bytes[..6], &bytes[10..]);
    bytes[6..10].copy_from_slice(&sum.to_le_bytes());
    assert_eq!(record::decode(&bytes), Err(record::Unreadable::Format(2)));
}

#[test]
fn every_flipped_bit_of_a_record_is_noticed() {
    let mut dice = Dice::new(4);
    for record in samples::batch(0, 1, 40, &mut dice) {
        let mut bytes = Vec::new();
        record::encode(&record, &mut bytes).unwrap();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(record::decode(&bytes).is_err(), "bit {bit} of {record:?}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        assert_eq!(record::decode(&bytes), Ok(record));
    }
}

proptest! {
    #[test]
    fn what_is_decided_comes_back_as_it_went(
        seed: u64, sequence in 1..=u64::MAX, epoch: u32,
    ) {
        let decided = samples::decided(&mut Dice::new(seed));
        let record = Record { sequence, epoch, decided };
        let mut bytes = Vec::new();
        record::encode(&record, &mut bytes).unwrap();
        prop_assert_eq!(record::decode(&bytes), Ok(record));
    }

    #[test]
    fn any_bytes_are_refused_or_mean_exactly_themselves(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(record::decode(&bytes).is_err());
        if let Ok(decided) = codec::decode::<Decided>(&bytes) {
            prop_assert_eq!(bytes_of(&decided), bytes);
        }
    }

    #[test]
    fn altered_bytes_are_refused_or_mean_exactly_themselves(
        seed: u64,
        changes in prop::collection::vec((any::<u64>(), any::<u8>()), 1..4),
        kept: u64,
    ) {
        let mut bytes = bytes_of(&samples::decided(&mut Dice::new(seed)));
        for (at, byte) in changes {
            let at = at % bytes.len() as u64;
            bytes[usize::try_from(at).unwrap()] = byte;
        }
        if kept % 4 == 0 {
            bytes.truncate(usize::try_from(kept % bytes.len() as u64).unwrap());
        }
        if let Ok(decided) = codec::decode::<Decided>(&bytes) {
            prop_assert_eq!(bytes_of(&decided), bytes);
        }
    }
}
