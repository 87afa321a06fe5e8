//! The go / no-go sheet: one page in the terminal, for the person who decides.

use std::fmt;

use super::Rehearsal;
use super::ceiling::Ceiling;
use super::nights::NightPlayed;
use super::origin::Origin;
use super::sale::Sale;
use crate::report::page::ms;

/// Above this share of refused holds, shoppers mostly snatch seats from one another.
const CROWDING_MAX: f64 = 0.10;
/// The night may need half of what the machine bears: the other half is for what nobody foresaw.
const CEILING_SHARE_MAX: f64 = 0.5;
/// Of what the site bears, so much is promised away.
const ORIGIN_SHARE: f64 = 0.7;
/// Visitors look about this often at the least, in seconds: a third of the presence span.
const LOOK_SPAN_S: f64 = 30.0;
/// Those in front look this often.
const LOOK_SPAN_FRONT_S: f64 = 2.0;
/// So many are in front.
const FRONT: f64 = 300.0;

/// What a rehearsal came to.
#[derive(Clone, Debug)]
pub struct Sheet {
    sale: String,
    people: u32,
    own: (u32, u32),
    ceiling: Ceiling,
    origin: Option<Origin>,
    nights: Vec<NightPlayed>,
    /// The cap to set; nothing if no night was good.
    pub cap: Option<u32>,
    /// The pace to set, in calls a minute.
    pub pace_per_minute: Option<u32>,
    /// Why not to open; empty: go.
    pub objections: Vec<String>,
}

impl Sheet {
    /// Weighs what was found.
    pub(super) fn new(
        asked: &Rehearsal,
        sale: &Sale,
        ceiling: Ceiling,
        origin: Option<Origin>,
        nights: Vec<NightPlayed>,
    ) -> Self {
        let origin_pace = origin.as_ref().map(|origin| {
            let pages = f64::from(origin.pages_per_second) * ORIGIN_SHARE * 60.0;
            pages / f64::from(asked.pages_per_visit.max(1))
        });
        let best = nights.iter().rev().find(|night| good(night, origin_pace));
        let pace_per_minute = best.map(|night| pace(night, origin_pace));
        let cap = best.map(|night| night.cap);
        let people = asked.people;
        let own = (sale.cap, sale.pace_per_minute);
        let mut sheet = Self {
            sale: sale.name.clone(),
            people,
            own,
            ceiling,
            origin,
            nights,
            cap,
            pace_per_minute,
            objections: Vec::new(),
        };
        sheet.objections = sheet.find_objections();
        sheet
    }

    /// Whether to open.
    pub fn go(&self) -> bool {
        self.objections.is_empty()
    }

    /// Looks a second that so many people make together.
    fn looks_wanted(&self) -> f64 {
        let people = f64::from(self.people);
        people.min(FRONT) / LOOK_SPAN_FRONT_S + (people - FRONT).max(0.0) / LOOK_SPAN_S
    }

    fn find_objections(&self) -> Vec<String> {
        let mut objections = Vec::new();
        for night in &self.nights {
            for check in &night.broken {
                objections.push(format!("a promise was broken with cap {}: {check}", night.cap));
            }
        }
        let bears = f64::from(self.ceiling.looks_per_second) * CEILING_SHARE_MAX;
        if self.looks_wanted() > bears {
            objections.push(format!(
                "{} people look {:.0} times a second; half of what was shown here is {bears:.0}",
                self.people,
                self.looks_wanted()
            ));
        }
        if self.cap.is_none() {
            objections.push("no cap that was tried was good".to_owned());
        }
        if self.cap.is_some_and(|cap| self.own.0 > cap) {
            objections.push(format!("the sale's cap of {} is too high", self.own.0));
        }
        objections
    }
}

/// Whether a night may be had again on Friday.
fn good(night: &NightPlayed, origin_pace: Option<f64>) -> bool {
    let bears = |pace: f64| visits_per_minute(night).is_none_or(|visits| visits <= pace);
    night.broken.is_empty()
        && night.doubts.is_empty()
        && night.crowding <= CROWDING_MAX
        && origin_pace.is_none_or(bears)
}

/// Visits a minute that keep the cap full (Little's law: cap / time in the shop).
fn visits_per_minute(night: &NightPlayed) -> Option<f64> {
    night.visit_minutes.filter(|span| *span > 0.0).map(|span| f64::from(night.cap) / span)
}

/// A quarter more than keeps the cap full, so that it fills up; never more than the site bears.
fn pace(night: &NightPlayed, origin_pace: Option<f64>) -> u32 {
    let wanted = visits_per_minute(night).unwrap_or(f64::from(night.cap)) * 1.25;
    origin_pace.map_or(wanted, |most| wanted.min(most)).ceil() as u32
}

impl fmt::Display for Sheet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}, {} people\n", self.sale, self.people)?;
        let Ceiling { looks_per_second, p99_ms, limit } = &self.ceiling;
        writeln!(
            out,
            "this machine, harness included: {looks_per_second} looks a second, {} at 99 of 100; \
             the crowd makes {:.0}",
            ms(*p99_ms),
            self.looks_wanted()
        )?;
        if let Some(limit) = limit {
            writeln!(out, "  then {limit}")?;
        }
        if let Some(origin) = &self.origin {
            let Origin { url, pages_per_second, p50_ms, limit } = origin;
            writeln!(out, "{url}: {pages_per_second} pages a second, half within {}", ms(*p50_ms))?;
            if let Some(limit) = limit {
                writeln!(out, "  then {limit}")?;
            }
        }
        self.show_nights(out)?;
        match (self.cap, self.pace_per_minute) {
            (Some(cap), Some(pace)) => writeln!(
                out,
                "set cap {cap} (the sale has {}), pace {pace} a minute (it has {})",
                self.own.0, self.own.1
            )?,
            _ => writeln!(out, "no cap to recommend")?,
        }
        for objection in &self.objections {
            writeln!(out, "against: {objection}")?;
        }
        writeln!(out, "\n{}", if self.go() { "GO" } else { "NO-GO" })
    }
}

impl Sheet {
    fn show_nights(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "\n{:>8}{:>16}{:>12}{:>16}{:>14}{:>12}  promises",
            "cap", "sold", "crowding", "90 % sold at", "in the shop", "hold 99 %"
        )?;
        let minutes =
            |span: Option<f64>| span.map_or("?".to_owned(), |span| format!("{span:.1} min"));
        for night in &self.nights {
            let promises = match (night.broken.is_empty(), night.doubts.is_empty()) {
                (false, _) => "BROKEN",
                (true, false) => "not to be believed",
                (true, true) => "kept",
            };
            writeln!(
                out,
                "{:>8}{:>16}{:>11.1}%{:>16}{:>14}{:>12}  {promises}",
                night.cap,
                format!("{} of {}", night.sold, night.capacity),
                night.crowding * 100.0,
                minutes(night.sold_after_minutes),
                minutes(night.visit_minutes),
                ms(night.hold_p99_ms),
            )?;
        }
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night(cap: u32, crowding: f64) -> NightPlayed {
        NightPlayed {
            cap,
            sold: 100,
            capacity: 100,
            crowding,
            sold_after_minutes: Some(12.0),
            visit_minutes: Some(5.0),
            hold_p99_ms: 12.0,
            broken: Vec::new(),
            doubts: Vec::new(),
        }
    }

    fn sheet(nights: Vec<NightPlayed>, people: u32, origin: Option<Origin>) -> Sheet {
        let asked = Rehearsal {
            sale: "sale.toml".into(),
            people,
            server: None,
            pace_of_life: 20.0,
            origin: None,
            pages_per_visit: 10,
            out: "out".into(),
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sale.toml");
        std::fs::write(&path, "id = \"s\"\n[policy]\ncap = 100\n").expect("a file");
        let sale = Sale::read(&path).expect("it is good");
        let ceiling = Ceiling { looks_per_second: 3_000, p99_ms: 20.0, limit: None };
        Sheet::new(&asked, &sale, ceiling, origin, nights)
    }

    #[test]
    fn the_highest_cap_without_crowding_is_recommended() {
        let nights = vec![night(50, 0.01), night(100, 0.05), night(200, 0.3)];
        let sheet = sheet(nights, 1_000, None);
        assert_eq!((sheet.cap, sheet.pace_per_minute), (Some(100), Some(25)));
        assert!(sheet.go(), "{sheet}");
        assert!(sheet.to_string().ends_with("GO\n"));
    }

    #[test]
    fn a_cap_above_the_good_ones_is_an_objection() {
        let sheet = sheet(vec![night(50, 0.01), night(100, 0.4)], 1_000, None);
        assert_eq!(sheet.cap, Some(50));
        assert!(!sheet.go(), "{sheet}");
    }

    #[test]
    fn a_site_that_bears_little_bounds_cap_and_pace() {
        let origin = Origin {
            url: "http://shop.example".to_owned(),
            pages_per_second: 2,
            p50_ms: 90.0,
            limit: None,
        };
        let sheet = sheet(vec![night(25, 0.0), night(100, 0.0)], 1_000, Some(origin));
        // 2 pages a second, 70 % of it, 10 pages a visit: 8.4 visits a minute.
        assert_eq!((sheet.cap, sheet.pace_per_minute), (Some(25), Some(7)));
    }

    #[test]
    fn broken_promises_and_crowds_too_large_are_objections() {
        let broken = NightPlayed { broken: vec!["seat-twice".to_owned()], ..night(100, 0.0) };
        assert!(!sheet(vec![broken], 1_000, None).go());
        assert!(!sheet(vec![night(100, 0.0)], 100_000, None).go());
    }
}
