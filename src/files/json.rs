//! JSON text to a tree.
//!
//! Keeps what the usual value types drop: the order of keys, and that a key came twice.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::Mode;
use super::document::Document;
use super::problem::{Problem, Problems, quoted};
use super::tree::{At, Kind, VALUES_MAX, Value};

/// Stands for all whole numbers above 2^63: beyond every range that is asked for.
const BEYOND_WHOLE: f64 = 1e19;

/// Reads a JSON text. Refused if it is not JSON, is nested deeper than 127, or has too many values;
/// keys that come twice in a table are problems of the document.
pub(super) fn document(name: &str, text: &str, mode: Mode) -> Result<Document, Problems> {
    let mut numbering = Numbering::default();
    let mut parser = serde_json::Deserializer::from_str(text);
    let root = Branch { numbering: &mut numbering }
        .deserialize(&mut parser)
        .and_then(|root| parser.end().map(|()| root))
        .map_err(|fault| Problems::one(syntax_problem(name, &fault)))?;
    let document = Document::new(name, root, mode);
    for (at, key) in numbering.repeated {
        let wrong = format!("the key {} comes twice", quoted(&key));
        document.refuse(at, wrong, "keep one of them".to_owned());
    }
    Ok(document)
}

fn syntax_problem(file: &str, fault: &serde_json::Error) -> Problem {
    let whole = fault.to_string();
    let wrong = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(words, _)| words);
    let mut problem = Problem::of_file(file, format!("not readable as JSON: {wrong}"), "mend it");
    problem.position = Some((fault.line(), fault.column()));
    problem
}

/// Numbers the values in the order of the file, and notes repeated keys.
#[derive(Default)]
struct Numbering {
    next: u32,
    repeated: Vec<(At, String)>,
}

/// One value and what is below it.
struct Branch<'n> {
    numbering: &'n mut Numbering,
}

impl<'de> DeserializeSeed<'de> for Branch<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Value, D::Error> {
        let order = self.numbering.next;
        self.numbering.next += 1;
        if order >= VALUES_MAX {
            return Err(D::Error::custom(format!("more than {VALUES_MAX} values")));
        }
        let kind = parser.deserialize_any(self)?;
        Ok(Value { at: At { offset: 0, order }, kind })
    }
}

impl<'de> Visitor<'de> for Branch<'_> {
    type Value = Kind;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Kind, E> {
        Ok(Kind::Flag(flag))
    }

    fn visit_i64<E>(self, whole: i64) -> Result<Kind, E> {
        Ok(Kind::Whole(whole))
    }

    fn visit_u64<E>(self, whole: u64) -> Result<Kind, E> {
        Ok(i64::try_from(whole).map_or(Kind::Number(BEYOND_WHOLE), Kind::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Kind, E> {
        Ok(Kind::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Kind, E> {
        Ok(Kind::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Branch { numbering: self.numbering })? {
            items.push(item);
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        while let Some(key) = map.next_key()? {
            entries.push((key, map.next_value_seed(Branch { numbering: self.numbering })?));
        }
        self.numbering.repeated.extend(repeated(&entries));
        Ok(Kind::Table(entries))
    }
}

/// Every key that came before in the same table, with its place.
fn repeated(entries: &[(String, Value)]) -> Vec<(At, String)> {
    let mut sorted: Vec<(&str, At)> = entries.iter().map(|(k, v)| (k.as_str(), v.at)).collect();
    sorted.sort_unstable();
    let twice = sorted.windows(2).filter_map(|pair| match pair {
        [(first, _), (second, at)] if first == second => Some((*at, (*second).to_owned())),
        _ => None,
    });
    twice.collect()
}
