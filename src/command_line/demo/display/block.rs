//! What one second of the night looks like, as lines of text. Pure.

use std::cmp::Reverse;

use jiff::{Timestamp, Unit};

use crate::command_line::demo::crowd::tally::Tally;
use crate::command_line::demo::seen::Seen;
use crate::command_line::demo::wire::board::{Counts, Desk, Head};

/// Cells of the bar.
const BAR_CELLS: u64 = 50;
/// Refusals named in a line: those that came most often.
const REFUSALS_MAX: usize = 5;
/// Letters of what is wrong with the journal: the rest of a line.
const CAUSE_LETTERS_MAX: usize = 60;

/// What one second knows.
#[derive(Default)]
pub(super) struct Picture {
    pub(super) now: Timestamp,
    pub(super) head: Option<Head>,
    pub(super) desk: Option<Desk>,
    pub(super) polls_per_second: u64,
    /// The two servers, if there are two.
    pub(super) servers: Option<Seen>,
}

/// What is drawn; the first line says the most, since it may be the only one.
pub(super) fn lines(picture: &Picture, crowd: Option<&Tally>) -> Vec<String> {
    let mut lines = match &picture.head {
        Some(head) => of_board(head, picture),
        None => vec!["the server does not answer".to_owned()],
    };
    lines.push(format!("server   {}", health(picture)));
    if let Some(servers) = &picture.servers {
        lines[0].push_str(&format!("   {}", servers.writer()));
        lines.push(format!("servers  {servers}"));
    }
    if let Some(crowd) = crowd {
        lines.extend(of_crowd(crowd));
        if let (true, Some(first)) = (crowd.gone.get() > 0, lines.first_mut()) {
            first.push_str("   the crowd has gone home");
        }
    }
    lines
}

fn of_board(head: &Head, picture: &Picture) -> Vec<String> {
    let Head { counts, queue, .. } = head;
    let calling = if queue.calling { "" } else { " (not calling)" };
    vec![
        format!(
            "{}   waiting {}   called {}   active {}/{}   sold {}/{}",
            phase(head, picture.now),
            grouped(queue.waiting.into()),
            queue.called,
            queue.active,
            queue.cap,
            grouped(counts.sold),
            grouped(counts.capacity.saturating_sub(counts.withheld)),
        ),
        format!("[{}]  {}", bar(counts), status(head, picture.now)),
        format!(
            "seats    available {}   held {}   paying {}   sold {}   withheld {}",
            grouped(counts.available),
            grouped(counts.held),
            grouped(counts.paying),
            grouped(counts.sold),
            grouped(counts.withheld),
        ),
        format!(
            "queue    pace {} a minute{calling}   polls {} a second",
            grouped(queue.pace_per_minute.into()),
            grouped(picture.polls_per_second),
        ),
    ]
}

fn phase(head: &Head, now: Timestamp) -> String {
    let opens_in = head.opens_at.and_then(|at| until(at, now));
    match (head.phase.as_str(), opens_in) {
        ("before", Some(opens_in)) => format!("opens in {opens_in}"),
        ("before", None) => "not open yet".to_owned(),
        ("open", _) if head.status != "on_sale" => format!("open, {}", left(head)),
        (phase, _) => phase.replace('_', " "),
    }
}

/// What is left of everything, and when more may come.
fn status(head: &Head, now: Timestamp) -> String {
    match head.first_return_at.and_then(|at| until(at, now)) {
        Some(span) if head.status == "in_baskets" => {
            format!("{}: the first may come back in {span}", left(head))
        }
        _ => left(head),
    }
}

fn left(head: &Head) -> String {
    match head.status.as_str() {
        "low" => "few left".to_owned(),
        "in_baskets" => "all in baskets".to_owned(),
        status => status.replace('_', " "),
    }
}

/// What is left until an instant, as minutes and seconds; `None` once it has come.
fn until(at: Timestamp, now: Timestamp) -> Option<String> {
    let seconds = at.since((Unit::Second, now)).ok()?.get_seconds();
    (at > now).then(|| format!("{}:{:02}", seconds / 60, seconds % 60))
}

/// Sold, paying, held and free, in the order in which seats move.
fn bar(counts: &Counts) -> String {
    let whole = (counts.available + counts.held + counts.paying + counts.sold).max(1);
    let mut bar = String::new();
    let (mut units, mut drawn) = (0, 0);
    for (count, cell) in
        [(counts.sold, '█'), (counts.paying, '▓'), (counts.held, '▒'), (counts.available, '·')]
    {
        units += count;
        // From the sum, so that the rounding of parts never changes the length of the whole.
        let end = units * BAR_CELLS / whole;
        bar.extend((drawn..end).map(|_| cell));
        drawn = end;
    }
    bar.extend((drawn..BAR_CELLS).map(|_| '·'));
    bar
}

fn health(picture: &Picture) -> String {
    let Some(desk) = &picture.desk else { return "the ops listener does not answer".to_owned() };
    let journal = if desk.health.well { "journal well" } else { "journal DOWN" };
    let cause = desk.health.cause.iter().flat_map(|cause| cause.chars());
    let cause: String =
        cause.filter(|letter| !letter.is_control()).take(CAUSE_LETTERS_MAX).collect();
    let time = if desk.time.running { "runs" } else { "stands still" };
    let seconds = desk.time.sale_time_ms / 1_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{journal} {cause}  sale time {time} at {hours}:{minutes:02}:{:02}", seconds % 60)
}

fn of_crowd(tally: &Tally) -> Vec<String> {
    let mut refused: Vec<_> = tally.refused().into_iter().collect();
    refused.sort_by_key(|(_, count)| Reverse(*count));
    let refused = refused.iter().take(REFUSALS_MAX);
    let refused: Vec<_> = refused.map(|(code, count)| format!("{code} {count}")).collect();
    vec![
        format!(
            "crowd    joined {}   waiting {}   in the shop {}   orders {}   went home without {}",
            grouped(tally.joined.get()),
            grouped(tally.waiting.get()),
            grouped(tally.shopping.get()),
            grouped(tally.orders.get()),
            grouped(tally.without_order.get()),
        ),
        format!(
            "         holds {}   given back {}   asked again {}   errors {}   lost positions {}",
            grouped(tally.holds.get()),
            grouped(tally.released.get()),
            grouped(tally.retries.get()),
            grouped(tally.errors.get()),
            grouped(tally.lost_positions.get()),
        ),
        format!(
            "refused  {}",
            if refused.is_empty() { "nothing".to_owned() } else { refused.join("   ") }
        ),
    ]
}

/// 1234567 as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn head() -> Head {
        serde_json::from_value(json!({
            "name": "One Night Only", "phase": "before", "opens_at": "2026-11-21T20:00:00Z",
            "status": "on_sale",
            "counts": {"capacity": 1_350, "available": 600, "held": 100, "paying": 100,
                       "sold": 400, "withheld": 150},
            "queue": {"waiting": 12_345, "called": 3, "active": 57, "cap": 60,
                      "pace_per_minute": 600, "calling": true},
        }))
        .expect("a head")
    }

    #[test]
    fn the_block_says_what_the_board_says() {
        let now = "2026-11-21T19:58:55Z".parse().expect("an instant");
        let desk =
            json!({"health": {"well": true}, "time": {"running": true, "sale_time_ms": 3_723_000}});
        let desk = serde_json::from_value(desk).expect("a desk");
        let picture =
            Picture { now, head: Some(head()), desk, polls_per_second: 1_200, servers: None };
        let text = lines(&picture, None).join("\n");
        assert_eq!(
            text,
            "opens in 1:05   waiting 12,345   called 3   active 57/60   sold 400/1,200\n\
             [████████████████▓▓▓▓▒▒▒▒▒·························]  on sale\n\
             seats    available 600   held 100   paying 100   sold 400   withheld 150\n\
             queue    pace 600 a minute   polls 1,200 a second\n\
             server   journal well   sale time runs at 1:02:03"
        );
    }

    #[test]
    fn the_first_line_says_how_the_night_stands() {
        let now = "2026-11-21T20:01:00Z".parse().expect("an instant");
        let back_at = "2026-11-21T20:01:09Z".parse().ok();
        for (phase, word, first, second) in [
            ("open", "on_sale", "open  ", "on sale"),
            ("open", "low", "open, few left  ", "few left"),
            ("open", "sold_out", "open, sold out  ", "sold out"),
            ("closed", "sold_out", "closed  ", "sold out"),
            ("before", "on_sale", "not open yet  ", "on sale"),
            (
                "open",
                "in_baskets",
                "open, all in baskets  ",
                "all in baskets: the first may come back in 0:09",
            ),
        ] {
            let (phase, status) = (phase.to_owned(), word.to_owned());
            let head = Head { phase, status, first_return_at: back_at, ..head() };
            let picture = Picture { now, head: Some(head), ..Picture::default() };
            let lines = lines(&picture, None);
            assert!(lines[0].starts_with(first), "{}", lines[0]);
            assert!(lines[1].ends_with(&format!("]  {second}")), "{}", lines[1]);
        }
    }

    #[test]
    fn a_crowd_that_has_gone_home_is_said_to_have_gone() {
        let crowd = Tally::default();
        let picture = Picture { head: Some(head()), ..Picture::default() };
        assert!(!lines(&picture, Some(&crowd))[0].contains("gone home"), "it has not come yet");
        crowd.gone.add(1);
        assert!(
            lines(&picture, Some(&crowd))[0].ends_with("sold 400/1,200   the crowd has gone home")
        );
    }

    #[test]
    fn a_server_that_does_not_answer_is_said_not_to_answer() {
        let text = lines(&Picture::default(), None).join("\n");
        assert_eq!(text, "the server does not answer\nserver   the ops listener does not answer");
        let picture = Picture { servers: Some(Seen::default()), ..Picture::default() };
        assert_eq!(lines(&picture, None)[0], "the server does not answer   nobody writes");
    }

    #[test]
    fn a_bar_is_always_as_long() {
        for (available, held, paying, sold) in
            [(0, 0, 0, 0), (1, 1, 1, 0), (0, 0, 0, 7), (3, 5, 7, 11)]
        {
            let counts = Counts { available, held, paying, sold, ..Counts::default() };
            assert_eq!(bar(&counts).chars().count(), 50, "{counts:?}");
        }
    }
}
