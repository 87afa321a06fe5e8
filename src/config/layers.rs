//! Lays file, environment and flags over the defaults, and finds keys that do not exist.
//!
//! Every value keeps where it came from, so that a mistake can name it.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use super::reader::Reader;
use super::{DEFAULT, Mistake, Sources};

const PREFIX: &str = "STANCHION__";
/// Two keys that are less alike than this are not confused by anybody.
const ALIKE_MIN: f64 = 0.8;

/// Values of one source, each with its place.
#[derive(Clone, Debug)]
struct Layer(Vec<(String, Value)>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.iter().cloned().collect())
    }
}

/// All settings by key, and the mistakes met on the way.
pub(super) fn merge(sources: &Sources) -> Reader {
    let mut mistakes = Vec::new();
    let known = leaves(&defaults());
    let mut layers = Vec::new();
    if let Some(file) = &sources.file {
        layers.extend(file_layer(file, &mut mistakes));
    }
    layers.push(environment_layer(&sources.environment));
    layers.push(flag_layer(&sources.flags, &mut mistakes));

    let mut builder = Config::builder().add_source(File::from_str(DEFAULT, FileFormat::Toml));
    for layer in layers {
        let known_values = layer.0.into_iter().filter(|(key, value)| {
            let exists = known.contains_key(key);
            if !exists {
                mistakes.push(unknown(key, value, known.keys()));
            }
            exists
        });
        builder = builder.add_source(Layer(known_values.collect()));
    }
    let merged = builder.build().expect("known keys over the built-in defaults");
    Reader::new(leaves(&merged.cache), mistakes)
}

fn defaults() -> Value {
    let built_in = Config::builder().add_source(File::from_str(DEFAULT, FileFormat::Toml));
    built_in.build().expect("the built-in defaults are TOML").cache
}

fn file_layer(file: &Path, mistakes: &mut Vec<Mistake>) -> Option<Layer> {
    let place = file.display().to_string();
    let read = std::fs::read_to_string(file).map_err(|fault| format!("cannot be read: {fault}"));
    let values = read.and_then(|text| {
        let source = File::from_str(&text, FileFormat::Toml);
        Config::builder().add_source(source).build().map_err(|fault| fault.to_string())
    });
    match values {
        Ok(values) => {
            let placed = leaves(&values.cache).into_iter();
            let placed = placed.map(|(key, value)| (key, Value::new(Some(&place), value.kind)));
            Some(Layer(placed.collect()))
        }
        Err(wrong) => {
            mistakes.push(Mistake { place, key: String::new(), wrong });
            None
        }
    }
}

/// `STANCHION__PUBLIC__ADDRESS` is `public.address`. Case does not count.
fn environment_layer(environment: &[(String, String)]) -> Layer {
    let ours = environment.iter().filter_map(|(name, text)| {
        let prefix = name.get(..PREFIX.len())?;
        let key = name.get(PREFIX.len()..)?;
        let place = format!("environment variable {name}");
        prefix
            .eq_ignore_ascii_case(PREFIX)
            .then(|| (key.to_lowercase().replace("__", "."), text_at(&place, text)))
    });
    Layer(ours.collect())
}

fn flag_layer(flags: &[String], mistakes: &mut Vec<Mistake>) -> Layer {
    let mut values = Vec::new();
    for flag in flags {
        match flag.split_once('=') {
            Some((key, text)) => {
                values.push((key.trim().to_owned(), text_at(&format!("flag {key}"), text)));
            }
            None => mistakes.push(Mistake {
                place: "flag".to_owned(),
                key: flag.clone(),
                wrong: "has no value; give section.key=value".to_owned(),
            }),
        }
    }
    Layer(values)
}

fn text_at(place: &String, text: &str) -> Value {
    Value::new(Some(place), ValueKind::String(text.to_owned()))
}

fn unknown<'k>(key: &str, value: &Value, known: impl Iterator<Item = &'k String>) -> Mistake {
    let likeness = |known: &str| strsim::jaro_winkler(key, known);
    let nearest = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let wrong = match nearest.filter(|nearest| likeness(nearest) >= ALIKE_MIN) {
        Some(nearest) => format!("there is no such setting; did you mean {nearest}?"),
        None => "there is no such setting".to_owned(),
    };
    Mistake { place: value.origin().unwrap_or_default().to_owned(), key: key.to_owned(), wrong }
}

/// Every value that is not a table, by its dotted key.
fn leaves(root: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    collect(root, "", &mut found);
    found
}

fn collect(value: &Value, key: &str, found: &mut BTreeMap<String, Value>) {
    match &value.kind {
        ValueKind::Table(table) => {
            for (name, inner) in table {
                let dot = if key.is_empty() { "" } else { "." };
                collect(inner, &format!("{key}{dot}{name}"), found);
            }
        }
        _ => {
            found.insert(key.to_owned(), value.clone());
        }
    }
}
