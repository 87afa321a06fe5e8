//! Each section of the settings: its keys, their ranges, and what must hold between them.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use super::gate::gate;
use super::reader::Reader;
use super::redis;
use super::secrets;
use super::{JournalMode, Rates, Settings};
use crate::net::proxies::Proxies;
use crate::net::rates::Allowance;
use crate::net::settings::{Deadlines, Settings as ListenerSettings, TlsFiles};
use crate::trace;

/// No span of the edge is shorter than a tenth of a second or longer than an hour.
const SPAN_MS: std::ops::RangeInclusive<u64> = 100..=3_600_000;
/// What can keep the journal.
const MODES: &[(&str, JournalMode)] = &[
    ("local", JournalMode::Local),
    ("redis", JournalMode::Redis),
    ("memory", JournalMode::Memory),
];
/// Whether something is so.
const TRUTH: &[(&str, bool)] = &[("false", false), ("true", true)];
/// Sales of one server.
const SALES_MAX: usize = 64;
/// Networks of proxies: each connection is looked up among them.
const PROXIES_MAX: usize = 64;

/// All sections; `None` if any setting is missing, with a mistake for each.
pub(super) fn settings(reader: &mut Reader) -> Option<Settings> {
    let limits = limits(reader);
    let public = listener(reader, "public", limits.as_ref());
    let ops = listener(reader, "ops", limits.as_ref());
    two_listeners(reader, public.as_ref(), ops.as_ref());
    let board_streams_per_source_max = board_streams(reader, public.as_ref());
    let rates = rates(reader);
    let data = data(reader);
    let journal = reader.choice("journal.mode", MODES);
    let redis = redis::redis(reader, journal == Some(JournalMode::Redis));
    let secrets = secrets::secrets(reader, data.as_deref());
    let behind_tls = reader.choice("public.behind_tls", TRUTH);
    let console = reader.choice("console.enabled", TRUTH);
    let gate = gate(reader);
    secrets::fit(reader, secrets.as_ref(), gate.as_ref());
    let log = log(reader);
    let sales = sales(reader);
    Some(Settings {
        public: public?,
        ops: ops?,
        board_streams_per_source_max: board_streams_per_source_max?,
        rates: rates?,
        data: data?,
        journal: journal?,
        redis: redis?,
        secrets: secrets?,
        behind_tls: behind_tls?,
        console: console?,
        gate: gate?,
        log: log?,
        sales: sales?,
    })
}

/// What both listeners share; the rest is left at its default.
fn limits(reader: &mut Reader) -> Option<ListenerSettings> {
    let deadlines = deadlines(reader);
    let headers_max = reader.number("limits.headers_max", 8..=99);
    let head_bytes_max = reader.number("limits.head_bytes_max", 4_096..=262_144);
    let target_bytes_max = reader.number("limits.target_bytes_max", 256..=131_072);
    let body_bytes_max = reader.number("limits.body_bytes_max", 1_024..=16_777_216);
    let streams_max = reader.number("limits.streams_max", 1..=100);
    let limits = ListenerSettings {
        deadlines: deadlines?,
        headers_max: headers_max?,
        head_bytes_max: head_bytes_max?,
        target_bytes_max: target_bytes_max?,
        body_bytes_max: body_bytes_max?,
        streams_max: streams_max?,
        ..ListenerSettings::default()
    };
    if limits.target_bytes_max >= limits.head_bytes_max {
        reader.wrong("limits.target_bytes_max", "must be less than limits.head_bytes_max");
    }
    Some(limits)
}

fn deadlines(reader: &mut Reader) -> Option<Deadlines> {
    let first_byte_ms = reader.number("limits.first_byte_ms", SPAN_MS);
    let head_ms = reader.number("limits.head_ms", SPAN_MS);
    let body_ms = reader.number("limits.body_ms", SPAN_MS);
    let body_bytes_per_s_min = reader.number("limits.body_bytes_per_s_min", 1..=1_000_000_000);
    let idle_ms = reader.number("limits.idle_ms", SPAN_MS);
    let write_stall_ms = reader.number("limits.write_stall_ms", SPAN_MS);
    let drain_ms = reader.number("limits.drain_ms", 0..=3_600_000);
    let life_ms: Option<u64> = reader.number("limits.life_ms", 0..=86_400_000);
    Some(Deadlines {
        first_byte_ms: first_byte_ms?,
        head_ms: head_ms?,
        body_ms: body_ms?,
        body_bytes_per_s_min: body_bytes_per_s_min?,
        idle_ms: idle_ms?,
        write_stall_ms: write_stall_ms?,
        drain_ms: drain_ms?,
        life_ms: Some(life_ms?).filter(|life_ms| *life_ms > 0),
    })
}

fn listener(
    reader: &mut Reader,
    section: &str,
    limits: Option<&ListenerSettings>,
) -> Option<ListenerSettings> {
    let key = |name: &str| format!("{section}.{name}");
    let address = address(reader, &key("address"));
    let strict_transport_s = reader.number(&key("strict_transport_s"), 0..=63_072_000);
    let connections_max = reader.number(&key("connections_max"), 1..=1_000_000);
    let by_source = key("connections_per_source_max");
    let connections_per_source_max = reader.number(&by_source, 1..=1_000_000);
    let proxies = proxies(reader, &key("proxies"));
    let certificate = reader.path(&key("tls_certificate"));
    let tls_key = reader.path(&key("tls_key"));
    let tls = match (certificate, tls_key) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        (None, None) => None,
        (Some(_), None) => {
            reader.wrong(&key("tls_key"), "is needed beside a certificate");
            None
        }
        (None, Some(_)) => {
            reader.wrong(&key("tls_certificate"), "is needed beside a key");
            None
        }
    };
    if exceeds(connections_per_source_max, connections_max) {
        reader.wrong(&by_source, format!("must not be more than {section}.connections_max"));
    }
    Some(ListenerSettings {
        address: address?,
        tls,
        strict_transport_s: strict_transport_s?,
        connections_max: connections_max?,
        connections_per_source_max: connections_per_source_max?,
        proxies: proxies?,
        ..limits?.clone()
    })
}

fn address(reader: &mut Reader, key: &str) -> Option<SocketAddr> {
    let text = reader.text(key)?;
    let address = text.parse().ok();
    if address.is_none() {
        let example = "127.0.0.1:8080, 0.0.0.0:80 or [::]:443";
        reader.wrong(key, format!("{text:?} is not an address with a port, as in {example}"));
    }
    address
}

/// Networks whose word is taken for who asks.
fn proxies(reader: &mut Reader, key: &str) -> Option<Proxies> {
    let texts = reader.list(key)?;
    if texts.len() > PROXIES_MAX {
        reader.wrong(key, format!("there are more than {PROXIES_MAX}"));
    }
    let networks: Vec<_> = texts.iter().map(|text| text.parse()).collect();
    for (text, wrong) in texts.iter().zip(&networks) {
        if let Err(wrong) = wrong {
            reader.wrong(key, format!("{text:?} {wrong}, as in 10.0.0.0/8 or 2001:db8::7"));
        }
    }
    networks.into_iter().collect::<Result<_, _>>().ok().map(Proxies::new)
}

fn two_listeners(
    reader: &mut Reader,
    public: Option<&ListenerSettings>,
    ops: Option<&ListenerSettings>,
) {
    let address = |listener: &ListenerSettings| listener.address;
    let (public, ops) = (public.map(address), ops.map(address));
    if public == ops && ops.is_some_and(|address| address.port() != 0) {
        reader.wrong("ops.address", "must differ from public.address");
    }
}

/// As many as connections unless told otherwise: who raises those for a load balancer has raised
/// both.
fn board_streams(reader: &mut Reader, public: Option<&ListenerSettings>) -> Option<usize> {
    let given = reader.number("public.board_streams_per_source_max", 0..=1_000_000)?;
    if given > 0 { Some(given) } else { Some(public?.connections_per_source_max) }
}

fn rates(reader: &mut Reader) -> Option<Rates> {
    let join = allowance(reader, "join");
    let guess = allowance(reader, "guess");
    Some(Rates { join: join?, guess: guess? })
}

fn allowance(reader: &mut Reader, of: &str) -> Option<Allowance> {
    let burst = reader.number(&format!("rates.{of}_burst"), 1..=1_000_000_000);
    let per_minute = reader.number(&format!("rates.{of}_per_minute"), 1..=1_000_000_000);
    Some(Allowance { burst: NonZeroU32::new(burst?)?, per_minute: NonZeroU32::new(per_minute?)? })
}

fn data(reader: &mut Reader) -> Option<PathBuf> {
    let directory = reader.path("data.directory");
    if directory.is_none() {
        reader.wrong("data.directory", "must name a directory");
    }
    directory
}

/// Whether both are there and the first is more.
fn exceeds<T: PartialOrd>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one > other)
}

fn log(reader: &mut Reader) -> Option<trace::Settings> {
    let level = reader.text("log.level");
    if let Some(Err(fault)) = level.as_deref().map(trace::filter) {
        reader.wrong("log.level", fault.to_string());
    }
    let formats = [("text", trace::Format::Text), ("json", trace::Format::Json)];
    let format = reader.choice("log.format", &formats);
    Some(trace::Settings { level: level?, format: format? })
}

fn sales(reader: &mut Reader) -> Option<Vec<PathBuf>> {
    let files: Vec<PathBuf> = reader.list("sales")?.into_iter().map(PathBuf::from).collect();
    if files.len() > SALES_MAX {
        reader.wrong("sales", format!("there are more than {SALES_MAX}"));
    }
    for file in files.iter().filter(|file| !file.is_file()) {
        reader.wrong("sales", format!("{} is not a file", file.display()));
    }
    Some(files)
}
