//! An instant as the page shows it: for machines, and in the venue's time for who has no script.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// How much of an instant is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Day and time.
    Day,
    /// The time alone: it is soon.
    Time,
}

/// An instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Moment {
    /// For machines.
    pub iso: String,
    /// For people, in the time of the venue, which is said.
    pub text: String,
    /// How much of it a script shows.
    pub form: Form,
}

impl Moment {
    /// An instant, for people at a venue of this time zone.
    pub fn new(at: Timestamp, form: Form, zone: &TimeZone) -> Self {
        let pattern = match form {
            Form::Day => "%Y-%m-%d %H:%M",
            Form::Time => "%H:%M",
        };
        let there = at.to_zoned(zone.clone());
        let text = format!("{} {}", there.strftime(pattern), name_of(at, zone));
        Self { iso: at.to_string(), text, form }
    }

    /// An instant of the wall clock, if anybody can write it.
    pub fn of_ms(ms: i64, form: Form, zone: &TimeZone) -> Option<Self> {
        Timestamp::from_millisecond(ms).ok().map(|at| Self::new(at, form, zone))
    }
}

/// What the time of a zone is called at an instant: `CET`, or `UTC+05:45` where people have no
/// letters for it.
fn name_of(at: Timestamp, zone: &TimeZone) -> String {
    let info = zone.to_offset_info(at);
    let letters = info.abbreviation();
    if letters.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return letters.to_owned();
    }
    format!("UTC{}", at.to_zoned(zone.clone()).strftime("%:z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_told_in_the_time_of_the_venue_with_its_name() {
        for (zone, at, day, time) in [
            ("UTC", "2027-01-15T20:14:00Z", "2027-01-15 20:14 UTC", "20:14 UTC"),
            ("Europe/Berlin", "2027-01-15T23:14:00Z", "2027-01-16 00:14 CET", "00:14 CET"),
            ("Europe/Berlin", "2027-07-15T20:14:00Z", "2027-07-15 22:14 CEST", "22:14 CEST"),
            ("Europe/London", "2027-01-15T20:14:00Z", "2027-01-15 20:14 GMT", "20:14 GMT"),
            (
                "Asia/Kathmandu",
                "2027-01-15T20:14:00Z",
                "2027-01-16 01:59 UTC+05:45",
                "01:59 UTC+05:45",
            ),
        ] {
            let zone = TimeZone::get(zone).expect("a zone");
            let at: Timestamp = at.parse().expect("an instant");
            assert_eq!(Moment::new(at, Form::Day, &zone).text, day);
            assert_eq!(Moment::new(at, Form::Time, &zone).text, time);
        }
    }
}
