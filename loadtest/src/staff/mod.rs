//! What the venue's staff does during the run, and who watches for the checks.
//!
//! `timeline` makes the ops changes of the scenario at their instants and passes faults on to
//! whoever owns the server; `observer` reads the board and the ops interface all the time. Both
//! write down what they were told, with the doubt about when it was true.

pub mod observer;
pub mod timeline;

use std::sync::Arc;

use crate::history::{Told, What, Who};
use crate::measure::notebook::Notebook;
use crate::web::Web;
use crate::web::browser::Browser;

/// The ops interface, and the key to it.
#[derive(Clone)]
pub struct Desk {
    /// The way there.
    pub web: Arc<Web>,
    /// The sale's id.
    pub sale: String,
    /// A staff key.
    pub key: String,
    /// Where everything is written down.
    pub notebook: Arc<Notebook>,
}

impl Desk {
    fn browser(&self) -> Browser {
        Browser::new(&self.web, 0)
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/sales/{}{rest}", self.sale)
    }

    /// Writes down what was told; times as read from the run's clock.
    fn told(&self, who: Who, (asked_us, told_us): (u64, Option<u64>), what: What) {
        self.notebook.told(Told { who, asked_us, told_us, what });
    }
}
