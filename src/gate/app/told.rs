//! The object `cfWaitingRoom`, with every field that its readers know. Pure.
//!
//! Times are whole minutes, rounded up. What nobody knows is 0 or `unavailable`, since that is what
//! the object's readers expect; beside it stands the same place as the interface shows it, where
//! what is unknown is absent.

use serde::Serialize;
use stanchion_domain::time::WallTime;

use crate::api::wire::place::{PlaceBody, PlaceState};
use crate::api::wire::time::Moment;

/// What is said where nobody knows.
const UNKNOWN: &str = "unavailable";
/// When to ask again where nothing is to be waited for.
const REFRESH_S: u64 = 20;
/// The same for who may go in.
const REFRESH_INSIDE_S: u64 = 1;
const MINUTE_MS: u64 = 60_000;

/// What an app is told.
#[derive(Serialize)]
pub(super) struct Told<'p> {
    #[serde(rename = "cfWaitingRoom")]
    room: Room,
    /// Of who has a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'p PlaceBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Room {
    in_waiting_room: bool,
    wait_time_known: bool,
    wait_time: u64,
    wait_time_25_percentile: u64,
    wait_time_50_percentile: u64,
    wait_time_75_percentile: u64,
    wait_time_formatted: String,
    queue_is_full: bool,
    queue_all: bool,
    last_updated: Moment,
    refresh_interval_seconds: u64,
    queueing_method: &'static str,
    #[serde(rename = "isFIFOQueue")]
    is_fifo_queue: bool,
    is_random_queue: bool,
    is_passthrough_queue: bool,
    is_reject_queue: bool,
    is_event_active: bool,
    is_event_prequeueing: bool,
    time_until_event_start: u64,
    time_until_event_start_formatted: String,
    time_until_event_end: u64,
    time_until_event_end_formatted: &'static str,
    shuffle_at_event_start: bool,
    turnstile: &'static str,
    infinite_queue: bool,
}

impl<'p> Told<'p> {
    /// What is said of a place, or to who has none.
    pub(super) fn new(place: &'p PlaceBody, now: WallTime) -> Self {
        let (before, closed) = (place.phase == "before", place.phase == "closed");
        let waits = matches!(place.state, PlaceState::Waiting | PlaceState::Returning);
        let wait = place.wait.filter(|_| waits).map(|wait| minutes(wait.to_ms));
        let opens_at = place.opens_at.filter(|_| before);
        let opens_in = opens_at.map(|Moment(at)| at.0.saturating_sub(now.0).try_into());
        let opens_in = opens_in.map(|ms| minutes(ms.unwrap_or_default()));
        let room = Room {
            in_waiting_room: waits && !closed,
            wait_time_known: wait.is_some(),
            wait_time: wait.unwrap_or_default(),
            wait_time_25_percentile: 0,
            wait_time_50_percentile: 0,
            wait_time_75_percentile: 0,
            wait_time_formatted: formatted(wait),
            queue_is_full: false,
            queue_all: waits && !place.calling,
            last_updated: Moment(now),
            refresh_interval_seconds: refresh_s(place),
            queueing_method: if closed { "reject" } else { "fifo" },
            is_fifo_queue: !closed,
            is_random_queue: false,
            is_passthrough_queue: false,
            is_reject_queue: closed,
            is_event_active: place.phase == "open",
            is_event_prequeueing: before,
            time_until_event_start: opens_in.unwrap_or_default(),
            time_until_event_start_formatted: formatted(opens_in),
            time_until_event_end: 0,
            time_until_event_end_formatted: UNKNOWN,
            shuffle_at_event_start: false,
            turnstile: "",
            infinite_queue: false,
        };
        Self { room, place: (place.number > 0).then_some(place) }
    }

    /// When to ask again.
    pub(super) fn again_after_s(&self) -> u64 {
        self.room.refresh_interval_seconds
    }
}

/// The pace of our own polls, in whole seconds.
fn refresh_s(place: &PlaceBody) -> u64 {
    match (place.state, place.poll_after_ms) {
        (PlaceState::Active, _) => REFRESH_INSIDE_S,
        (_, Some(ms)) => ms.div_ceil(1_000).max(1),
        (_, None) => REFRESH_S,
    }
}

fn minutes(ms: u64) -> u64 {
    ms.div_ceil(MINUTE_MS)
}

fn formatted(minutes: Option<u64>) -> String {
    let Some(minutes) = minutes else { return UNKNOWN.to_owned() };
    let counted = |count: u64, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    match (minutes / 60, minutes % 60) {
        (0, rest) => counted(rest, "minute"),
        (hours, 0) => counted(hours, "hour"),
        (hours, rest) => format!("{} {}", counted(hours, "hour"), counted(rest, "minute")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::api::wire::place::WaitBody;

    /// Set this to accept the object as it is now.
    const ACCEPT: &str = "STANCHION_ACCEPT_GOLDEN";

    fn at(text: &str) -> WallTime {
        WallTime(text.parse::<Timestamp>().expect("an instant").as_millisecond())
    }

    fn told(place: PlaceBody) -> String {
        let told = Told::new(&place, at("2026-12-01T10:00:00Z"));
        serde_json::to_string_pretty(&told).expect("JSON") + "\n"
    }

    #[test]
    fn the_object_is_the_one_that_was_promised() {
        let common = || PlaceBody {
            sale: "gala".into(),
            number: 7,
            time_running: true,
            ..PlaceBody::default()
        };
        let wait = Some(WaitBody { from_ms: 420_000, to_ms: 7_500_000 });
        let waiting = PlaceBody {
            position: Some(1_999),
            wait,
            phase: "open",
            calling: true,
            poll_after_ms: Some(19_200),
            ..common()
        };
        let before = PlaceBody {
            phase: "before",
            opens_at: Some(Moment(at("2026-12-01T11:00:01Z"))),
            poll_after_ms: Some(30_000),
            ..common()
        };
        let closed =
            PlaceBody { phase: "closed", state: PlaceState::Ended, ..PlaceBody::default() };
        let found = [told(waiting), told(before), told(closed)].concat();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/gate/app/golden/told.json");
        if std::env::var_os(ACCEPT).is_some() {
            std::fs::write(path, &found).expect("the golden file can be written");
        }
        let promised = std::fs::read_to_string(path).unwrap_or_default();
        assert!(promised == found, "{path} differs; if that is meant, set {ACCEPT}=1:\n{found}");
    }

    #[test]
    fn minutes_are_said_as_people_say_them() {
        for (minutes, said) in [
            (Some(1), "1 minute"),
            (Some(25), "25 minutes"),
            (Some(60), "1 hour"),
            (Some(125), "2 hours 5 minutes"),
            (None, UNKNOWN),
        ] {
            assert_eq!(formatted(minutes), said);
        }
    }
}
