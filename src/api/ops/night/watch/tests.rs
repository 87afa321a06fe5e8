//! What is told late begins when it began, and what a restart skips is not counted.

use super::*;

#[test]
fn numbers_that_a_restart_skips_are_nobody_who_joined() {
    let mut first = Watch::after(&Memory::default(), false);
    first.joined.go_on(3);
    assert_eq!((first.joined_by(3), first.joined_by(902)), (3, 902));
    let mut kept = Memory::default();
    kept.add(Point { at_s: 5, joined: 902, numbers: 902, ..Point::default() });
    let mut after = Watch::after(&kept, false);
    after.joined.go_on(131_071);
    assert_eq!((after.joined_by(131_071), after.joined_by(131_080)), (902, 911));
}

#[test]
fn an_outage_by_a_write_that_hangs_begins_with_that_write() {
    let mut watch = Watch::after(&Memory::default(), false);
    assert_eq!(watch.look_at_journal(None, 0, 9_000), None);
    let (cause, down) = ("it hangs".to_owned(), |cause| What::Down { cause });
    let told = watch.look_at_journal(Some(cause.clone()), 2_300, 10_000);
    assert_eq!(told, Some((2, down(cause.clone()))));
    assert_eq!(watch.look_at_journal(Some(cause), 6_300, 14_000), None, "told already");
    let up = What::Up { after_ms: 7_200 };
    assert_eq!(watch.look_at_journal(None, 0, 14_900), Some((0, up)));
    let (full, told) = ("full".to_owned(), What::Down { cause: "full".to_owned() });
    assert_eq!(watch.look_at_journal(Some(full), 0, 20_000), Some((0, told)));
}
