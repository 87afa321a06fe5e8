use super::*;

const HOUR_MS: u64 = 3_600_000;

fn vitals(multiplexed: bool) -> Arc<Vitals> {
    Vitals::new(Deadlines { life_ms: Some(HOUR_MS), ..Deadlines::default() }, multiplexed, false)
}

/// What is said `ms` from now.
fn after(vitals: &Vitals, ms: u64) -> Verdict {
    vitals.judge(coarse_ms() + ms)
}

#[test]
fn a_silent_connection_ends_at_the_first_byte_deadline() {
    let vitals = vitals(false);
    assert!(matches!(after(&vitals, 4_000), Verdict::Until(_)));
    assert_eq!(after(&vitals, 5_000), Verdict::Over(Limit::FirstByte));
}

#[test]
fn a_head_that_drips_ends_at_its_deadline_whatever_arrives() {
    let vitals = vitals(false);
    for _ in 0..10 {
        vitals.read();
    }
    assert_eq!(after(&vitals, 5_000), Verdict::Over(Limit::Head));
}

#[test]
fn a_request_inside_has_no_deadline_of_the_socket_unless_it_waits_for_the_peer() {
    let vitals = vitals(false);
    vitals.read();
    let inside = vitals.begin().expect("room");
    assert_eq!(after(&vitals, HOUR_MS), Verdict::Until(u64::MAX));
    inside.waits_for_peer();
    assert!(matches!(after(&vitals, 29_000), Verdict::Until(at) if at < u64::MAX));
    assert_eq!(after(&vitals, 30_001), Verdict::Over(Limit::WriteStall));
    inside.works();
    assert_eq!(after(&vitals, HOUR_MS), Verdict::Until(u64::MAX));
}

#[test]
fn of_two_requests_the_one_that_stalls_ends_the_connection() {
    let vitals = vitals(true);
    let (stalled, busy) = (vitals.begin().expect("room"), vitals.begin().expect("room"));
    stalled.waits_for_peer();
    busy.works();
    assert_eq!(after(&vitals, 30_001), Verdict::Over(Limit::WriteStall));
    drop(stalled);
    assert_eq!(after(&vitals, 30_001), Verdict::Until(u64::MAX));
}

#[test]
fn a_connection_rests_after_its_idle_time_and_a_new_head_starts_over() {
    let vitals = vitals(false);
    drop(vitals.begin().expect("room"));
    assert!(matches!(after(&vitals, 14_000), Verdict::Until(_)));
    assert_eq!(after(&vitals, 15_001), Verdict::Rest);
    vitals.read();
    assert_eq!(after(&vitals, 5_001), Verdict::Over(Limit::Head));
}

#[test]
fn a_socket_that_takes_nothing_is_cut_and_one_that_takes_a_byte_is_not() {
    let vitals = vitals(false);
    let _inside = vitals.begin().expect("room");
    vitals.blocked();
    assert_eq!(after(&vitals, 30_001), Verdict::Over(Limit::WriteStall));
    vitals.wrote();
    assert_eq!(after(&vitals, 30_001), Verdict::Until(u64::MAX));
}

#[test]
fn an_old_connection_rests_between_two_requests_and_not_within_one() {
    let vitals =
        Vitals::new(Deadlines { life_ms: Some(7_000), ..Deadlines::default() }, false, false);
    let inside = vitals.begin().expect("room");
    assert_eq!(after(&vitals, 8_000), Verdict::Until(u64::MAX));
    drop(inside);
    assert_eq!(after(&vitals, 8_000), Verdict::Rest);
}

#[test]
fn no_more_requests_are_inside_than_there_is_room_for() {
    let vitals = vitals(true);
    let inside: Vec<_> = std::iter::from_fn(|| vitals.begin()).collect();
    assert_eq!(inside.len(), REQUESTS_INSIDE_MAX);
    drop(inside);
    assert!(vitals.begin().is_some());
}
