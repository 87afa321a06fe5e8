//! What happened in a night, besides what the curves show: a word and a moment each.

use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// When, in seconds since 1970.
    pub at_s: i64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// From then on nobody served, until the next process began to.
    Unserved {
        /// For how long.
        for_ms: u64,
    },
    /// A process began to serve.
    Started,
    /// It went on where another one had served.
    TookOver,
    /// The sale opened.
    Opened,
    /// It closed.
    Closed,
    /// Nothing could be written.
    Down {
        /// Why.
        cause: String,
    },
    /// It could be again.
    Up {
        /// For how long it could not.
        after_ms: u64,
    },
    /// Nothing was left of a performance.
    SoldOut {
        /// Its id; `None`: of the whole sale.
        performance: Option<String>,
    },
    /// Something was, once more.
    BackOnSale {
        /// Its id; `None`: of the whole sale.
        performance: Option<String>,
    },
}

/// A time during which nothing could be written, or nobody served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it began, in seconds since 1970.
    pub at_s: i64,
    /// Why.
    pub cause: String,
    /// How long it was; `None` while it goes on.
    pub for_ms: Option<u64>,
}

impl What {
    /// Whether it is about what is left, and not about the server.
    pub fn of_stock(&self) -> bool {
        matches!(self, Self::SoldOut { .. } | Self::BackOnSale { .. })
    }
}

/// The outages of a night. A process that ended in one was followed by one that began.
pub fn outages(milestones: &[Milestone]) -> Vec<Outage> {
    let mut outages: Vec<Outage> = Vec::new();
    for Milestone { at_s, what } in milestones {
        let open = outages.last_mut().filter(|outage| outage.for_ms.is_none());
        match (what, open) {
            (What::Down { cause }, None) => {
                outages.push(Outage { at_s: *at_s, cause: cause.clone(), for_ms: None });
            }
            (What::Unserved { for_ms }, None) => {
                let (cause, for_ms) = ("no server".to_owned(), Some(*for_ms));
                outages.push(Outage { at_s: *at_s, cause, for_ms });
            }
            (What::Up { after_ms }, Some(open)) => open.for_ms = Some(*after_ms),
            (What::Started | What::TookOver, Some(open)) => {
                open.for_ms = u64::try_from((at_s - open.at_s).saturating_mul(1_000)).ok();
            }
            _ => {}
        }
    }
    outages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_ends_when_writing_goes_on_or_with_the_next_process() {
        let down = |cause: &str| What::Down { cause: cause.to_owned() };
        let happened = [
            (10, What::Started),
            (20, down("full")),
            (27, What::Up { after_ms: 6_800 }),
            (30, down("gone")),
            (35, What::Unserved { for_ms: 55_000 }),
            (90, What::Started),
            (92, What::Unserved { for_ms: 3_000 }),
            (95, What::TookOver),
            (95, down("stuck")),
        ];
        let milestones = happened.map(|(at_s, what)| Milestone { at_s, what });
        let told: Vec<_> = outages(&milestones)
            .into_iter()
            .map(|outage| (outage.at_s, outage.cause, outage.for_ms))
            .collect();
        let wanted = [
            (20, "full".to_owned(), Some(6_800)),
            (30, "gone".to_owned(), Some(60_000)),
            (92, "no server".to_owned(), Some(3_000)),
            (95, "stuck".to_owned(), None),
        ];
        assert_eq!(told, wanted);
    }
}
