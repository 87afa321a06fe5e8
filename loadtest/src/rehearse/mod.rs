//! A rehearsal: a sale's own configuration, a synthetic crowd, and at the end a sheet that says go
//! or no-go, with the cap and the pace to set.
//!
//! Three questions, each answered by trying: how much polling this machine bears, how many pages a
//! second the venue's site bears, and how many shoppers at once this sale bears before they only
//! snatch seats from one another. The last is played as whole nights, faster than life, each on a
//! fresh server with another cap.

pub mod ceiling;
pub mod nights;
pub mod origin;
pub mod sale;
pub mod sheet;

use std::path::PathBuf;

use anyhow::ensure;

use self::sale::Sale;
use self::sheet::Sheet;
use crate::night::share::Standing;

/// What is to be rehearsed.
pub struct Rehearsal {
    /// The sale file, as it will be served.
    pub sale: PathBuf,
    /// People who are expected.
    pub people: u32,
    /// The program to start.
    pub server: Option<PathBuf>,
    /// How many times faster than people the crowd lives, and the sale's spans run.
    pub pace_of_life: f64,
    /// A page of the venue's site, if it is to be tried: it will be asked for in rising numbers.
    pub origin: Option<String>,
    /// Pages that a visitor loads from first look to order, for the origin's share.
    pub pages_per_visit: u32,
    /// Where reports of the nights are written.
    pub out: PathBuf,
}

/// Tells how a rehearsal goes: what is being tried, and how its people stand.
pub type Tell<'a> = &'a mut dyn FnMut(&str, Option<&Standing>);

impl Rehearsal {
    /// Rehearses.
    ///
    /// # Errors
    /// If the sale cannot be read or served, or the origin never answers.
    pub async fn rehearse(&self, tell: Tell<'_>) -> anyhow::Result<Sheet> {
        ensure!(self.people > 0, "a rehearsal needs people");
        let sale = Sale::read(&self.sale)?;
        let ceiling = ceiling::find(self, &sale, tell).await?;
        let origin = match &self.origin {
            Some(url) => Some(origin::find(url, tell).await?),
            None => None,
        };
        let nights = nights::play(self, &sale, tell).await?;
        Ok(Sheet::new(self, &sale, ceiling, origin, nights))
    }
}
