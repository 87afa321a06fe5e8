//! Logs: one line an occurrence, as text or JSON, on standard error.
//!
//! Sets up the subscriber and nothing else. Nobody logs a token, a cookie, a key or an address of a
//! visitor; what a request brought in is never part of a message. Control characters in what is
//! logged are escaped, so that no value can forge a line or drive a terminal.

use std::fmt;

use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{self, Writer};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// How a line looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Directives such as `info` or `info,stanchion::net=debug`.
    pub level: String,
    /// Text or JSON.
    pub format: Format,
}

/// Why logging could not begin.
#[derive(Debug, thiserror::Error)]
pub enum TraceFault {
    /// A directive cannot be read.
    #[error("log level {level:?} is not a list of directives")]
    Level {
        /// What was asked for.
        level: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// A subscriber was there before.
    #[error("logging was set up twice")]
    Twice(#[source] TryInitError),
}

/// Reads the directives of a log level.
///
/// # Errors
/// [`TraceFault::Level`] if they are none.
pub fn filter(level: &str) -> Result<EnvFilter, TraceFault> {
    EnvFilter::builder()
        .parse(level)
        .map_err(|source| TraceFault::Level { level: level.to_owned(), source })
}

/// Starts logging to standard error, for the whole process, once.
///
/// # Errors
/// [`TraceFault`] if a directive is wrong, or logging was started before.
pub fn start(settings: &Settings) -> Result<(), TraceFault> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(&settings.level)?)
        .with_writer(std::io::stderr);
    let started = match settings.format {
        // JSON escapes control characters by itself.
        Format::Json => builder.json().flatten_event(true).finish().try_init(),
        Format::Text => builder.with_ansi(false).fmt_fields(text_fields()).finish().try_init(),
    };
    started.map_err(TraceFault::Twice)
}

fn text_fields() -> impl for<'w> FormatFields<'w> + Send + Sync + 'static {
    format::debug_fn(write_field).delimited(" ")
}

/// Writes one field, `name=value`, or the message bare, with control characters escaped.
fn write_field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    let text = format!("{value:?}");
    match field.name() {
        "message" => write!(writer, "{}", Escaped(&text)),
        name => write!(writer, "{name}={}", Escaped(&text)),
    }
}

/// Text with every control character escaped.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for character in self.0.chars() {
            if character.is_control() {
                write!(out, "{}", character.escape_default())?;
            } else {
                out.write_char(character)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{Event, Subscriber};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    use super::*;

    struct Lines(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Lines {
        fn on_event(&self, line: &Event<'_>, _: Context<'_, S>) {
            let mut text = String::new();
            text_fields()
                .format_fields(Writer::new(&mut text), line)
                .expect("a string takes everything");
            self.0.lock().expect("one thread").push(text);
        }
    }

    #[test]
    fn no_logged_value_can_forge_a_line_or_drive_a_terminal() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::registry().with(Lines(Arc::clone(&lines)));
        tracing::subscriber::with_default(subscriber, || {
            let fault = std::io::Error::other("bad\u{1b}[2J");
            tracing::info!(file = "a\nb", %fault, count = 3, "first\r\nsecond\u{7f}");
        });
        let lines = lines.lock().expect("one thread");
        assert!(!lines[0].chars().any(char::is_control), "{:?}", lines[0]);
        assert!(lines[0].starts_with("first\\r\\nsecond\\u{7f}"), "{:?}", lines[0]);
        assert!(lines[0].ends_with(r#"file="a\nb" fault=bad\u{1b}[2J count=3"#), "{:?}", lines[0]);
    }

    #[test]
    fn a_level_that_cannot_be_read_is_named() {
        assert!(filter("info,stanchion=debug").is_ok());
        let fault = filter("stanchion=loud").expect_err("not a level");
        assert!(fault.to_string().contains("stanchion=loud"));
    }
}
