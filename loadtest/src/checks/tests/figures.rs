//! Figures: waits, calls, screens.

use super::*;

fn figure(finding: &Finding, name: &str) -> f64 {
    let found = finding.figures.iter().find(|figure| figure.name == name);
    found.unwrap_or_else(|| panic!("{name} is among {:?}", finding.figures)).value
}

#[test]
fn a_range_of_the_wait_is_early_inside_or_late() {
    let told_to_wait = |number: u64, wait_ms| {
        let state = "waiting".to_owned();
        let wait_ms = Some(wait_ms);
        What::Saw(Place { number, state, wait_ms, ..Place::default() })
    };
    let mut history = Vec::new();
    for (number, range) in [(1, (0, 4_000)), (2, (5_000, 20_000)), (3, (11_000, 20_000))] {
        history.push(by(number as u32, (0, 1), What::Joined { number }));
        history.push(by(number as u32, (10, 20), told_to_wait(number, range)));
        history.push(by(number as u32, (9_990, 10_000), place(number, "waiting", None)));
        history.push(by(number as u32, (10_010, 10_020), called(number, 60_000)));
    }
    let finding = found("wait", history);
    assert_eq!(finding.verdict, Verdict::Measured, "an estimate is no promise");
    for share in [
        "called_earlier",
        "called_within_the_range",
        "called_later",
        "called_later_shown_in_first_third",
    ] {
        assert!((figure(&finding, share) - 1.0 / 3.0).abs() < 1e-9, "{finding:#?}");
    }
}

#[test]
fn a_freed_slot_is_matched_with_the_next_call() {
    let full = |at_ms| {
        let full = Board { waiting: 5, active: 1, cap: 1, ..board(at_ms, counts(9, 0, 0, 0)) };
        told(Who::Observer, (at_ms, at_ms + 1), What::Board(full))
    };
    let history = vec![
        full(1),
        by(1, (2, 3), What::Joined { number: 1 }),
        by(2, (2, 3), What::Joined { number: 2 }),
        by(3, (4, 5), What::Joined { number: 3 }),
        by(1, (10, 11), called(1, 60_000)),
        full(90),
        by(1, (100, 110), What::Left { number: 1 }),
        by(2, (140, 150), place(2, "waiting", Some(0))),
        by(2, (200, 210), called(2, 59_980)),
        full(300),
        by(3, (400, 401), place(3, "waiting", Some(0))),
    ];
    let finding = found("next-call", history.clone());
    assert_eq!(finding.verdict, Verdict::Measured);
    // Called 20 ms before they were told, as the claim window says.
    let most = figure(&finding, "all_slots_filled_within_at_most");
    let least = figure(&finding, "all_slots_filled_within_at_least");
    assert_eq!((most, least, finding.looked_at), (90.0, 70.0, 1));

    // A reading during which somebody left may be of before or after.
    let mut read_twice = history.clone();
    read_twice.push(Told { asked_us: 95_000, told_us: Some(105_000), ..full(95) });
    assert_eq!(found("next-call", read_twice).looked_at, 1);

    let not_shown = |why: &str, change: &dyn Fn(&mut Vec<Told>)| {
        let mut history = history.clone();
        change(&mut history);
        assert_eq!(found("next-call", history).verdict, Verdict::NotShown, "{why}");
    };
    let staff = |at_ms, what| told(Who::Staff, (at_ms, at_ms + 1), what);
    not_shown("staff changed the cap", &|all| all.push(staff(120, changed("set_cap", Some(1)))));
    not_shown("staff paused", &|all| all.push(staff(120, changed("pause_calling", None))));
    not_shown("the server stood still", &|all| all.push(fault(120, Fault::Stopped)));
    not_shown("nobody else was surely there", &|all| drop(all.pop()));
    not_shown("somebody left unseen", &|all| {
        all.push(by(4, (2, 3), What::Joined { number: 4 }));
        all.push(by(4, (220, 221), called(4, 60_000)));
        all.push(by(4, (215, 216), place(4, "waiting", Some(0))));
    });
    let boards = |history: &mut Vec<Told>, change: fn(&mut Board)| {
        for told in history {
            if let What::Board(board) = &mut told.what {
                change(board);
            }
        }
    };
    not_shown("nothing is left to buy", &|all| boards(all, |board| board.counts.available = 1));
    not_shown("too many live", &|all| boards(all, |board| board.active = 2));
    not_shown("a slot was empty before", &|all| boards(all, |board| board.active = 0));
    not_shown("nobody waited", &|all| boards(all, |board| board.waiting = 0));
}

#[test]
fn a_notice_is_timed_to_each_reader() {
    let notice = Some("Patience".to_owned());
    let change =
        What::Changed { action: "post_notice".to_owned(), cap: None, notice: notice.clone() };
    let read = |who, at_ms, notice: &Option<String>| {
        let notice = notice.clone();
        told(who, (0, at_ms), What::Board(Board { notice, ..board(1, counts(9, 0, 0, 0)) }))
    };
    let history = vec![
        told(Who::Staff, (100, 130), change),
        read(Who::Visitor(1), 90, &None),
        read(Who::Visitor(1), 150, &notice),
        read(Who::Visitor(1), 900, &notice),
        read(Who::Observer, 80, &None),
        read(Who::Observer, 300, &notice),
        // Who comes later finds it there.
        read(Who::Visitor(2), 5_000, &notice),
    ];
    let finding = found("screen", history);
    assert_eq!(finding.verdict, Verdict::Measured, "nothing is promised");
    assert_eq!(figure(&finding, "all_visitor_screens_within_at_most"), 50.0);
    assert_eq!(figure(&finding, "all_visitor_screens_within_at_least"), 20.0);
    assert_eq!(figure(&finding, "all_observer_screens_within_at_most"), 200.0);
}

#[test]
fn a_check_with_nothing_to_look_at_says_so() {
    for finding in all(&Evidence::of(&[], None)) {
        assert_eq!(finding.verdict, Verdict::NotShown, "{}", finding.check);
    }
}
