//! Instants of wall time, as people type and read them.
//!
//! A field of a page knows no zone. A script tells how far the reader's is from UTC at that time;
//! without it the field is meant, and labelled, as UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use stanchion_domain::time::WallTime;

use crate::console::form::Form;

const MINUTE_MS: i64 = 60_000;
/// No zone is further from UTC than this, in minutes (Line Islands, +14:00).
const OFFSET_MAX: i64 = 14 * 60;

/// An instant that a form names, if it names one, and that is still to come.
///
/// # Errors
/// What is wrong, as a sentence.
pub(super) fn ahead(
    form: &Form,
    name: &str,
    what: &str,
    now: WallTime,
) -> Result<Option<WallTime>, String> {
    let Some(at) = read(form, name, what)? else { return Ok(None) };
    if at <= now {
        let (at, now) = (told(at), told(now));
        return Err(format!("{what}: {at} is past. It is {now}."));
    }
    Ok(Some(at))
}

fn read(form: &Form, name: &str, what: &str) -> Result<Option<WallTime>, String> {
    let text = form.text(name).trim();
    if text.is_empty() {
        return Ok(None);
    }
    let east: i64 = form.number(&format!("{name}_offset")).unwrap_or_default();
    let wrong = || format!("{what}: a date and a time are wanted.");
    let civil: DateTime = text.parse().map_err(|_| wrong())?;
    let zoned = civil.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
    let east = east.clamp(-OFFSET_MAX, OFFSET_MAX);
    Ok(Some(WallTime(zoned.timestamp().as_millisecond() - east * MINUTE_MS)))
}

/// An instant in words, to the minute.
pub(super) fn told(at: WallTime) -> String {
    let instant = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::MAX);
    instant.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How far an instant is ahead, roughly.
pub(super) fn in_words(at: WallTime, now: WallTime) -> String {
    match (at.0 - now.0) / MINUTE_MS {
        ..0 => "past".to_owned(),
        0 => "within a minute".to_owned(),
        1 => "in a minute".to_owned(),
        minutes @ 2..120 => format!("in {minutes} minutes"),
        minutes @ 120..2_880 => format!("in {} hours", minutes / 60),
        minutes => format!("in {} days", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T19:15:00Z.
    const NOW: WallTime = WallTime(1_795_374_900_000);

    fn form(at: &str, east: &str) -> Form {
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        Form::from(vec![field("from", at), field("from_offset", east)])
    }

    #[test]
    fn a_time_is_meant_where_it_is_typed_and_as_utc_without_a_script() {
        for (at, east, wanted) in [
            ("2026-11-22T20:15", "", "2026-11-22 20:15 UTC"),
            ("2026-11-22T20:15", "0", "2026-11-22 20:15 UTC"),
            ("2026-11-22T21:15:30", "60", "2026-11-22 20:15 UTC"),
            ("2026-11-22T15:15", "-300", "2026-11-22 20:15 UTC"),
            ("2026-11-23T01:45", "330", "2026-11-22 20:15 UTC"),
        ] {
            let read = ahead(&form(at, east), "from", "From", NOW).expect("it is one");
            assert_eq!(read.map(told).as_deref(), Some(wanted), "{at} {east}");
        }
        assert_eq!(ahead(&form("", "60"), "from", "From", NOW), Ok(None));
    }

    #[test]
    fn what_is_past_or_no_time_is_refused_in_words() {
        let refused = |at, east| ahead(&form(at, east), "from", "From", NOW).expect_err("refused");
        let past = "From: 2026-11-22 19:15 UTC is past. It is 2026-11-22 19:15 UTC.";
        assert_eq!(refused("2026-11-22T19:15", ""), past);
        assert_eq!(refused("2026-11-22T20:15", "60"), past);
        assert_eq!(refused("tomorrow", ""), "From: a date and a time are wanted.");
        assert_eq!(refused("2026-13-01T00:00", ""), "From: a date and a time are wanted.");
    }

    #[test]
    fn how_far_a_time_is_ahead_is_said_in_round_words() {
        let ahead = |minutes: i64| in_words(WallTime(NOW.0 + minutes * MINUTE_MS), NOW);
        let told = [0, 1, 35, 150, 4_000].map(ahead);
        assert_eq!(
            told,
            ["within a minute", "in a minute", "in 35 minutes", "in 2 hours", "in 2 days"]
        );
        assert_eq!(ahead(-1), "past");
    }
}
