//! An instant as the page shows it: for machines, and in UTC for who has no script.

use jiff::Timestamp;
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
    /// For people, in UTC.
    pub text: String,
    /// How much of it a script shows.
    pub form: Form,
}

impl Moment {
    /// An instant.
    pub fn new(at: Timestamp, form: Form) -> Self {
        let pattern = match form {
            Form::Day => "%Y-%m-%d %H:%M UTC",
            Form::Time => "%H:%M UTC",
        };
        Self { iso: at.to_string(), text: at.strftime(pattern).to_string(), form }
    }

    /// An instant of the wall clock, if anybody can write it.
    pub fn of_ms(ms: i64, form: Form) -> Option<Self> {
        Timestamp::from_millisecond(ms).ok().map(|at| Self::new(at, form))
    }
}
