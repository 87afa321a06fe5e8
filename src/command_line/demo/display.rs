//! The night in the terminal: a small block of lines, drawn once a second.
//!
//! Reads the board, as anybody may, and the ops listener, for the journal's health and sale time.
//! In place where there is a terminal, one line at a time elsewhere. Leaves the terminal as it was.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::crowd::tally::Tally;
use super::web::{Ask, Web};
use super::wire::{Counts, Head};

/// From one drawing to the next.
const DRAW_SPAN: Duration = Duration::from_secs(1);
/// Cells of the bar.
const BAR_CELLS: u64 = 50;
/// Refusals named in a line: those that came most often.
const REFUSALS_MAX: usize = 5;
/// Bytes of a cause of illness: a line of a terminal.
const CAUSE_LETTERS_MAX: usize = 60;

/// What is watched.
pub struct Settings {
    /// The server's public listener.
    pub public: SocketAddr,
    /// The server's ops listener.
    pub ops: SocketAddr,
    /// A staff token for it.
    pub ops_token: String,
    /// The sale's id.
    pub sale: String,
    /// The crowd, if there is one.
    pub crowd: Option<Arc<Tally>>,
}

/// What one second knows.
#[derive(Default)]
struct Picture {
    now: Timestamp,
    head: Option<Head>,
    ops: Option<Value>,
    polls_per_second: u64,
}

/// Draws until `stop` is cancelled; also draws what cannot be reached.
pub async fn run(settings: Settings, stop: CancellationToken) {
    let public = Web::new(settings.public, 1);
    let ops = Web::new(settings.ops, 1);
    let mut screen = Screen::new(io::stdout(), io::stdout().is_terminal());
    let mut seconds = interval(DRAW_SPAN);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut polls_before = 0;
    while stop.run_until_cancelled(seconds.tick()).await.is_some() {
        let look = async { tokio::join!(head(&public, &settings), sale(&ops, &settings)) };
        let Some((head, ops)) = stop.run_until_cancelled(look).await else { break };
        let polls = settings.crowd.as_ref().map_or(0, |crowd| crowd.polls.get());
        let polls_per_second = polls - std::mem::replace(&mut polls_before, polls);
        let picture = Picture { now: Timestamp::now(), head, ops, polls_per_second };
        // A terminal that is gone is no reason to stop the night.
        let _ = screen.draw(&lines(&picture, settings.crowd.as_deref()));
    }
}

async fn head(web: &Web, settings: &Settings) -> Option<Head> {
    let ask = Ask::get(format!("/v1/sales/{}/board", settings.sale));
    web.ask(&ask).await.ok()?.read().ok()
}

async fn sale(web: &Web, settings: &Settings) -> Option<Value> {
    let ask = Ask::get(format!("/v1/sales/{}", settings.sale)).bearer(&settings.ops_token);
    let reply = web.ask(&ask).await.ok()?;
    reply.status.is_success().then(|| reply.read().ok()).flatten()
}

/// What is drawn; the first line says the most, since it may be the only one.
fn lines(picture: &Picture, crowd: Option<&Tally>) -> Vec<String> {
    let mut lines = Vec::new();
    match &picture.head {
        Some(head) => {
            let counts = &head.counts;
            let queue = head.queue;
            let calling = if queue.calling { "" } else { " (not calling)" };
            lines.push(format!(
                "{}   waiting {}   called {}   active {}/{}   sold {}/{}",
                phase(head, picture.now),
                grouped(queue.waiting.into()),
                queue.called,
                queue.active,
                queue.cap,
                grouped(counts.sold),
                grouped(counts.capacity - counts.withheld.min(counts.capacity)),
            ));
            lines.push(format!("[{}]  {}", bar(counts), head.status.replace('_', " ")));
            lines.push(format!(
                "seats    available {}   held {}   paying {}   sold {}   withheld {}",
                grouped(counts.available),
                grouped(counts.held),
                grouped(counts.paying),
                grouped(counts.sold),
                grouped(counts.withheld),
            ));
            lines.push(format!(
                "queue    pace {} a minute{calling}   polls {} a second",
                grouped(queue.pace_per_minute.into()),
                grouped(picture.polls_per_second),
            ));
        }
        None => lines.push("the server does not answer".to_owned()),
    }
    lines.push(format!("server   {}", health(picture)));
    lines.extend(crowd.into_iter().flat_map(of_crowd));
    lines
}

fn phase(head: &Head, now: Timestamp) -> String {
    let opens_in = head.opens_at.filter(|at| *at > now).and_then(|at| {
        let span = at.since((Unit::Second, now)).ok()?;
        Some(span.get_seconds())
    });
    match opens_in {
        Some(seconds) if head.phase != "open" => {
            format!("opens in {}:{:02}", seconds / 60, seconds % 60)
        }
        _ => head.phase.replace('_', " "),
    }
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
    let running = picture.head.as_ref().is_some_and(|head| head.time_running);
    let Some(ops) = &picture.ops else { return "the ops listener does not answer".to_owned() };
    let health = ops.get("health");
    let text = |of: Option<&Value>| of.and_then(Value::as_str).map(ToOwned::to_owned);
    let state = text(health).or_else(|| text(health?.get("state")));
    let mut line = format!("journal {}", state.as_deref().unwrap_or("unknown"));
    if let Some(cause) = text(health.and_then(|health| health.get("cause"))) {
        line.push_str(": ");
        line.extend(cause.chars().filter(|letter| !letter.is_control()).take(CAUSE_LETTERS_MAX));
    }
    line.push_str(if running { "   sale time runs" } else { "   sale time stands still" });
    if let Some(ms) = ops.get("sale_time_ms").and_then(Value::as_u64) {
        let seconds = ms / 1_000;
        let _ =
            write!(line, " at {}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    line
}

fn of_crowd(tally: &Tally) -> Vec<String> {
    let mut refused: Vec<_> = tally.refused().into_iter().collect();
    refused.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let refused = refused.iter().take(REFUSALS_MAX);
    let refused: Vec<_> = refused.map(|(code, count)| format!("{code} {count}")).collect();
    vec![
        format!(
            "crowd    joined {}   waiting {}   in the shop {}   orders {}   gave up {}",
            grouped(tally.joined.get()),
            grouped(tally.waiting.get()),
            grouped(tally.shopping.get()),
            grouped(tally.orders.get()),
            grouped(tally.gave_up.get()),
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

/// Where the lines go. A terminal is given back with its cursor and its wrapping when this is
/// dropped.
struct Screen<W: Write> {
    out: W,
    in_place: bool,
    drawn: usize,
}

impl<W: Write> Screen<W> {
    fn new(mut out: W, in_place: bool) -> Self {
        if in_place {
            // No cursor, and no wrapping: a wrapped line would be counted as one.
            let _ = out.write_all(b"\x1b[?25l\x1b[?7l");
        }
        Self { out, in_place, drawn: 0 }
    }

    fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        if !self.in_place {
            let line = lines.first().map_or("", String::as_str);
            return writeln!(self.out, "{line}");
        }
        let mut text = String::new();
        if self.drawn > 0 {
            let _ = write!(text, "\x1b[{}F", self.drawn);
        }
        lines.iter().for_each(|line| {
            let _ = writeln!(text, "\x1b[2K{line}");
        });
        // What a longer block left below.
        text.push_str("\x1b[J");
        self.drawn = lines.len();
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Screen<W> {
    fn drop(&mut self) {
        if self.in_place {
            let _ = self.out.write_all(b"\x1b[?25h\x1b[?7h");
            let _ = self.out.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn head() -> Head {
        serde_json::from_value(json!({
            "name": "One Night Only", "phase": "scheduled", "opens_at": "2026-11-21T20:00:00Z",
            "status": "on_sale", "time_running": true,
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
        let ops = Some(json!({"health": {"state": "well"}, "sale_time_ms": 3_723_000}));
        let picture = Picture { now, head: Some(head()), ops, polls_per_second: 1_200 };
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
    fn a_server_that_does_not_answer_is_said_not_to_answer() {
        let text = lines(&Picture::default(), None).join("\n");
        assert_eq!(text, "the server does not answer\nserver   the ops listener does not answer");
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

    #[test]
    fn a_terminal_gets_its_cursor_back_and_a_file_gets_one_line_a_second() {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out, true);
        screen.draw(&["one".to_owned(), "two".to_owned()]).expect("memory takes all bytes");
        screen.draw(&["three".to_owned()]).expect("memory takes all bytes");
        drop(screen);
        let text = String::from_utf8(out).expect("text");
        assert!(text.contains("\x1b[2Ktwo\n\x1b[J\x1b[2F\x1b[2Kthree"), "{text:?}");
        assert!(text.ends_with("\x1b[?25h\x1b[?7h"), "{text:?}");

        let mut out = Vec::new();
        Screen::new(&mut out, false).draw(&["one".to_owned(), "two".to_owned()]).expect("as above");
        assert_eq!(out, b"one\n");
    }
}
