//! Keeping seats and pool units off sale, and putting them back: said first, then done.

use http::StatusCode;
use serde_json::{Value, json};
use stanchion_domain::command::{Ops, OpsAction, Units};
use stanchion_domain::sale::operations::Audit;

use super::asked::{Asked, To, What};
use super::doable::Doable;
use super::{Looked, words};
use crate::api::problem::Problem;
use crate::console::form::Form;
use crate::console::steps::{self, Meanwhile, Sure, Undone};
use crate::console::written;

/// A change is made of what is possible; shoppers may be faster so often, until that is said.
const TRIES_MAX: usize = 5;
/// Changes that are listed.
const SHOWN_MAX: usize = 8;

/// How far a change has come.
#[derive(Debug)]
pub(super) enum Step {
    /// Nothing is asked.
    Look,
    /// Something that makes no sense, or cannot be.
    Wrong(String),
    /// Is that what is meant?
    Sure(Sure),
}

impl Step {
    pub(super) fn status(&self) -> StatusCode {
        if let Self::Look = self { StatusCode::OK } else { StatusCode::ACCEPTED }
    }

    /// The seats that are asked for, for the map to show.
    pub(super) fn chosen(&self) -> Option<String> {
        let Self::Sure(sure) = self else { return None };
        let mut fields = sure.fields.iter();
        fields.find(|(name, _)| name == "seats").map(|(_, seats)| seats.clone())
    }
}

impl Looked<'_> {
    /// Takes the first or the second step. Says where to go when all is done.
    pub(super) async fn take_step(&self, form: &Form) -> Result<String, Step> {
        let asked = Asked::read(form, self).map_err(Step::Wrong)?;
        if form.text("step") == "do" {
            self.make(&asked).await
        } else {
            Err(self.sure(&asked, None))
        }
    }

    /// The first step: what will be done.
    fn sure(&self, asked: &Asked, meanwhile: Option<Meanwhile>) -> Step {
        let doable = match Doable::of(asked, self) {
            Ok(doable) => doable,
            Err(wrong) => return Step::Wrong(wrong),
        };
        Step::Sure(Sure {
            told: doable.told,
            // Whoever is told of it has looked at it.
            revision: meanwhile.as_ref().map_or(asked.revision, |meanwhile| meanwhile.revision),
            between: meanwhile.map(|meanwhile| meanwhile.told),
            fields: self.fields(asked.to, &doable.units),
            reason: asked.reason.clone(),
            typed: None,
        })
    }

    fn fields(&self, to: To, units: &Units) -> Vec<(String, String)> {
        let field = |name: &str, text: String| (name.to_owned(), text);
        let mut fields = vec![field("to", to.name().to_owned())];
        match units {
            Units::Seats { seats, .. } => {
                let seats: Vec<_> = seats.iter().map(|seat| seat.0).collect();
                fields.push(field("seats", written::ranges(&seats)));
            }
            Units::Pool { performance, pool, units } => {
                let pool = self.desk.definition.pool(*performance, *pool);
                let pool = pool.map(|pool| pool.id.clone()).unwrap_or_default();
                fields.extend([field("pool", pool), field("units", units.to_string())]);
            }
        }
        fields
    }

    /// The second step: does what is possible of it.
    async fn make(&self, asked: &Asked) -> Result<String, Step> {
        for _ in 0..TRIES_MAX {
            let doable = Doable::of(asked, self).map_err(Step::Wrong)?;
            let ops = Ops {
                revision: asked.revision,
                actor: self.who.name.clone(),
                reason: asked.reason.clone(),
                action: asked.to.action(doable.units),
            };
            match steps::make(self.sale, self.who, ops).await {
                Ok(revision) => {
                    let units = asked.units();
                    return Ok(format!("{}?done={revision}&asked={units}", self.url()));
                }
                Err(Undone::Refused(problem)) if was_slower(&problem) => {}
                Err(undone) => {
                    return Err(match undone.told() {
                        Ok(meanwhile) => self.sure(asked, Some(meanwhile)),
                        Err(wrong) => Step::Wrong(wrong),
                    });
                }
            }
        }
        let told = "Nothing was changed: shoppers were faster each time. Choose fewer, or pause \
                    calling first.";
        Err(Step::Wrong(told.to_owned()))
    }

    /// What this browser just did.
    pub(super) fn done(&self) -> Option<Value> {
        let number = |name: &str| self.call.query(name)?.parse::<u64>().ok();
        let revision = number("done")?;
        let entry = self.audit().find(|entry| entry.revision == revision)?;
        let mut told = words::done(&entry.action);
        let asked = number("asked").unwrap_or_default();
        let missed = asked.saturating_sub(units_of(&entry.action));
        if missed > 0 {
            let (asked, missed) = (written::grouped(asked), written::grouped(missed));
            told.push_str(&format!(" {missed} of the {asked} asked for had changed meanwhile."));
        }
        Some(json!({ "told": told, "undo": self.undo(entry) }))
    }

    /// The newest changes of what is on sale here.
    pub(super) fn changes(&self) -> Vec<Value> {
        let newest = self.audit().take(SHOWN_MAX);
        let row = |entry: &Audit| {
            let mut row = steps::row(entry);
            row["undo"] = json!(self.undo(entry));
            row
        };
        newest.map(row).collect()
    }

    /// The changes of this performance, the newest first.
    fn audit(&self) -> impl Iterator<Item = &Audit> {
        let all = self.desk.operations.audit.iter().rev();
        all.filter(|entry| words::about(&entry.action).is_some_and(|(at, _)| at == self.at))
    }

    /// The revision by which a change can be taken back, if anything of it still can.
    fn undo(&self, entry: &Audit) -> Option<u64> {
        let OpsAction::Withhold { what, .. } = &entry.action else { return None };
        let what = match what {
            Units::Seats { seats, .. } => What::Seats(seats.clone()),
            Units::Pool { pool, units, .. } => What::Pool { pool: *pool, units: *units },
        };
        let reason = String::new();
        let back = Asked { revision: entry.revision, reason, to: To::Sale, what };
        Doable::of(&back, self).is_ok().then_some(entry.revision)
    }
}

/// Whether a shopper or another operator took what was possible a moment ago.
fn was_slower(problem: &Problem) -> bool {
    matches!(problem.code(), "unavailable" | "wrong_state")
}

fn units_of(action: &OpsAction) -> u64 {
    match words::about(action) {
        Some((_, Units::Seats { seats, .. })) => seats.len() as u64,
        Some((_, Units::Pool { units, .. })) => u64::from(*units),
        None => 0,
    }
}
