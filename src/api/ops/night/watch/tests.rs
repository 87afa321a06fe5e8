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

#[test]
fn a_time_without_a_server_is_told_once_and_only_if_anybody_may_have_come() {
    let open = Point { at_s: 100, epoch: 3, opened: true, ..Point::default() };
    let early = Point { opened: false, ..open };
    let unserved = Some((160, What::Unserved { for_ms: 160_000 }));
    for (newest, closed, epoch, at_s, told) in [
        (open, false, 4, 260, unserved.clone()),
        // Within the same points nobody can tell.
        (open, false, 4, 105, None),
        // A clock that was set back tells nothing.
        (open, false, 4, 90, None),
        // Another process served meanwhile.
        (open, false, 5, 260, None),
        (open, true, 4, 260, None),
        (early, false, 4, 260, None),
        (Point { joined: 1, ..early }, false, 4, 260, unserved),
    ] {
        let mut kept = Memory::default();
        kept.add(newest);
        if closed {
            kept.note(Milestone { at_s: 100, what: What::Closed });
        }
        let mut watch = Watch::after(&kept, false);
        assert_eq!(watch.look_back(epoch, at_s), told, "{newest:?} {closed} {epoch} {at_s}");
        assert_eq!(watch.look_back(epoch, at_s), None, "once");
    }
    assert_eq!(Watch::after(&Memory::default(), false).look_back(1, 260), None, "the first one");
}

#[test]
fn numbers_that_a_restart_skipped_are_nobody_even_if_nobody_had_joined() {
    let mut kept = Memory::default();
    assert_eq!(Watch::after(&kept, false).numbers_after(131_071), 0, "the first process");
    kept.add(Point { at_s: 100, ..Point::default() });
    assert_eq!(Watch::after(&kept, false).numbers_after(131_071), 131_071);
}

impl Watch {
    /// From which number on visitors are counted when so many were given or skipped at the start.
    fn numbers_after(mut self, numbers: u32) -> u32 {
        self.joined.go_on(numbers);
        self.joined.numbers
    }
}
