//! What operators and machines reach, on a listener of its own. Every change is in the audit log.

pub mod book;
pub mod books;
pub mod change;
pub mod figures;
pub mod health;
pub mod night;
pub mod overview;
pub mod paging;
pub mod places;
pub mod role;

use super::call::Call;
use super::problem::Problem;
use super::reply::{Json, Reply};
use super::{auth, board};
use crate::board::wire::PerformancesBody;
use crate::token::role::Duty;

/// Counts and status of all performances, as everybody sees them.
pub fn performances(call: &Call) -> Result<Reply<Json<PerformancesBody<'static>>>, Problem> {
    auth::operator(call, Duty::Look)?;
    board::performances(call)
}
