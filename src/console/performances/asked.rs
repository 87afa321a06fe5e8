//! What an address of the table asks for: which performances, in which order, which page.

use std::cmp::Reverse;

use serde::Serialize;
use serde_json::{Value, json};
use stanchion_domain::board::picture::PerformancePicture;
use stanchion_domain::id::PerformanceIndex;
use stanchion_domain::sale::definition::{Definition, Performance};
use stanchion_domain::time::WallTime;

use super::row::{STATUSES, UNKNOWN, rank};
use crate::api::call::Call;
use crate::board::store::Board;
use crate::console::written;

const DAY_MS: i64 = 24 * 3_600 * 1_000;
/// Columns that the table is sorted by: name, words, whether the highest comes first.
const COLUMNS: [(&str, &str, bool); 6] = [
    ("name", "Name", false),
    ("start", "Begins (UTC)", false),
    ("status", "Status", false),
    ("available", "Available", false),
    ("baskets", "In baskets", true),
    ("sold", "Sold", true),
];

/// What is asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    text: String,
    status: String,
    from: String,
    to: String,
    /// By what it is sorted.
    pub(super) sort: Sort,
    /// Which page, from 1.
    pub(super) page: usize,
    /// What makes no sense, as a sentence.
    pub(super) wrong: Option<&'static str>,
    began_from: Option<WallTime>,
    began_to: Option<WallTime>,
}

/// A column, and whether its usual order is turned round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sort {
    column: &'static str,
    turned: bool,
}

/// A column as the head of the table shows it.
#[derive(Debug, Serialize)]
struct Column {
    name: &'static str,
    words: &'static str,
    url: String,
    /// For `aria-sort`, if it is this one.
    order: Option<&'static str>,
}

impl Default for Sort {
    fn default() -> Self {
        Self { column: "start", turned: false }
    }
}

impl Sort {
    fn read(text: &str) -> Self {
        let (turned, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let known = COLUMNS.iter().find(|(column, ..)| *column == name);
        known.map_or_else(Self::default, |(column, ..)| Self { column, turned })
    }

    fn text(self) -> String {
        format!("{}{}", if self.turned { "-" } else { "" }, self.column)
    }
}

impl Asked {
    /// Reads an address. What makes no sense is left out, and said.
    pub(super) fn read(call: &Call) -> Self {
        let text = |name: &str| call.query(name).unwrap_or_default().trim().to_owned();
        let mut asked = Self {
            text: text("text"),
            status: text("status"),
            from: text("from"),
            to: text("to"),
            sort: Sort::read(&text("sort")),
            page: text("page").parse().unwrap_or(1),
            ..Self::default()
        };
        (asked.began_from, asked.began_to) = (written::day(&asked.from), written::day(&asked.to));
        let unknown = |text: &str, day: Option<WallTime>| !text.is_empty() && day.is_none();
        if unknown(&asked.from, asked.began_from) || unknown(&asked.to, asked.began_to) {
            asked.wrong = Some("A day is written like 2026-11-21.");
        } else if !asked.status.is_empty()
            && !STATUSES.iter().chain([&UNKNOWN]).any(|(name, _)| *name == asked.status)
        {
            asked.wrong = Some("There is no such status.");
            asked.status.clear();
        }
        asked
    }

    /// The performances that are like that, in order.
    pub(super) fn find(&self, definition: &Definition, board: &Board) -> Vec<PerformanceIndex> {
        let wanted = self.text.to_lowercase();
        let all = definition.performances.iter().zip((0..).map(PerformanceIndex));
        let mut found: Vec<_> = all
            .filter_map(|(performance, at)| Some((performance, board.performances.picture(at)?)))
            .filter(|(performance, picture)| self.likes(&wanted, performance, picture))
            .collect();
        self.sort.apply(&mut found);
        found.into_iter().map(|(_, picture)| picture.performance).collect()
    }

    fn likes(&self, wanted: &str, one: &Performance, picture: &PerformancePicture) -> bool {
        let named = wanted.is_empty()
            || one.name.to_lowercase().contains(wanted)
            || one.id.to_lowercase().contains(wanted);
        let since = |from: WallTime| one.starts_at.is_some_and(|at| at >= from);
        let until = |to: WallTime| one.starts_at.is_some_and(|at| at.0 < to.0 + DAY_MS);
        named
            && (self.status.is_empty() || picture.total.status.name() == self.status)
            && self.began_from.is_none_or(since)
            && self.began_to.is_none_or(until)
    }

    /// Whether anything is left out.
    pub(super) fn filters(&self) -> bool {
        [&self.text, &self.status, &self.from, &self.to].iter().any(|text| !text.is_empty())
    }

    /// The fields of the form.
    pub(super) fn fields(&self) -> Value {
        json!({
            "text": self.text,
            "status": self.status,
            "from": self.from,
            "to": self.to,
            "sort": self.sort.text(),
        })
    }

    /// The heads of the columns: each leads to the table sorted by it, or the other way round.
    pub(super) fn columns(&self) -> Value {
        let column = |(name, words, highest_first): &(&'static str, &'static str, bool)| {
            let mine = self.sort.column == *name;
            let turned = mine && !self.sort.turned;
            let falls = *highest_first != self.sort.turned;
            Column {
                name,
                words,
                url: self.link(&Sort { column: name, turned }, 1),
                order: mine.then_some(if falls { "descending" } else { "ascending" }),
            }
        };
        let columns = COLUMNS.iter().map(|known| (known.0.to_owned(), json!(column(known))));
        Value::Object(columns.collect())
    }

    /// The address of a page in some order.
    pub(super) fn link(&self, sort: &Sort, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::for_suffix("?".to_owned(), 1);
        let fields = [
            ("text", &self.text),
            ("status", &self.status),
            ("from", &self.from),
            ("to", &self.to),
        ];
        for (name, text) in fields.into_iter().filter(|(_, text)| !text.is_empty()) {
            query.append_pair(name, text);
        }
        query.append_pair("sort", &sort.text());
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        query.finish()
    }
}

impl Sort {
    /// Sorts; whoever is equal stays in the order of the definition.
    fn apply(self, found: &mut [(&Performance, &PerformancePicture)]) {
        let counts = |picture: &PerformancePicture| picture.total.counts;
        match self.column {
            "name" => found.sort_by_cached_key(|(one, _)| one.name.to_lowercase()),
            "status" => found.sort_by_key(|(_, picture)| rank(picture.total.status.kind())),
            "available" => found.sort_by_key(|(_, picture)| counts(picture).available),
            "baskets" => found
                .sort_by_key(|(_, picture)| Reverse(counts(picture).held + counts(picture).paying)),
            // In millionths, which tell a seat of the largest performance apart.
            "sold" => found.sort_by_key(|(_, picture)| {
                let (sold, capacity) = (counts(picture).sold, counts(picture).capacity);
                Reverse((sold * 1_000_000).checked_div(capacity).unwrap_or_default())
            }),
            // What has no date comes last.
            _ => found.sort_by_key(|(one, _)| (one.starts_at.is_none(), one.starts_at)),
        }
        if self.turned {
            found.reverse();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_sorted_its_usual_way_first_and_then_the_other_way_round() {
        let asked = Asked { text: "fri & sat".to_owned(), ..Asked::default() };
        let columns = asked.columns();
        assert_eq!(columns["start"]["order"], "ascending");
        assert_eq!(columns["start"]["url"], "?text=fri+%26+sat&sort=-start");
        assert_eq!(
            (&columns["sold"]["order"], &columns["name"]["order"]),
            (&Value::Null, &Value::Null)
        );
        let asked = Asked { sort: Sort::read("sold"), ..asked };
        assert_eq!(asked.columns()["sold"]["order"], "descending");
        assert_eq!(asked.columns()["sold"]["url"], "?text=fri+%26+sat&sort=-sold");
        let asked = Asked { sort: Sort::read("-sold"), ..asked };
        assert_eq!(asked.columns()["sold"]["order"], "ascending");
        assert_eq!(Sort::read("-nothing"), Sort::default());
        assert_eq!(asked.link(&asked.sort, 3), "?text=fri+%26+sat&sort=-sold&page=3");
    }
}
