//! A text with open spots: written once by a template, filled in for each who asks.
//!
//! Owns the bytes. What is filled in stands as it is given: whoever gives it has escaped it.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use minijinja::value::Value;

use crate::clock;

pub mod packed;

/// A text with up to `N` open spots, each of them in it any number of times.
pub struct Open<const N: usize>(Vec<Piece>);

enum Piece {
    Fixed(String),
    Spot(usize),
}

impl<const N: usize> Open<N> {
    /// The text that `write` makes of what stands for its spots: a map from these names, in which a
    /// spot without one has nothing.
    pub fn new(names: [Option<&'static str>; N], write: impl FnOnce(Value) -> String) -> Self {
        // Nobody can have written it.
        let mark = HEXLOWER.encode(&clock::random_id().to_be_bytes());
        let marks = names.iter().enumerate();
        let marks = marks.filter_map(|(spot, name)| Some(((*name)?, format!("{mark}{spot}."))));
        let text = write(Value::from(marks.collect::<BTreeMap<_, _>>()));
        let mut parts = text.split(mark.as_str());
        let mut pieces = vec![Piece::Fixed(parts.next().unwrap_or_default().to_owned())];
        for part in parts {
            let (spot, rest) = part.split_once('.').expect("a mark ends");
            pieces.push(Piece::Spot(spot.parse().expect("a mark names its spot")));
            pieces.push(Piece::Fixed(rest.to_owned()));
        }
        Self(pieces)
    }

    /// The text with this in its spots.
    pub fn with(&self, given: [&str; N]) -> String {
        let part = |piece| match piece {
            &Piece::Spot(spot) => given[spot],
            Piece::Fixed(text) => text.as_str(),
        };
        let mut text = String::with_capacity(self.0.iter().map(|piece| part(piece).len()).sum());
        self.0.iter().for_each(|piece| text.push_str(part(piece)));
        text
    }
}
