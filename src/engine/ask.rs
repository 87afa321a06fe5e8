//! A request on its way through the engine: asked, and answered once its outcome is durable.

use stanchion_domain::change::Change;
use stanchion_domain::command::Command;
use stanchion_domain::id::RequestKey;
use stanchion_domain::refusal::Refusal;
use stanchion_domain::time::Now;
use tokio::sync::oneshot;

/// One command in the writer's backlog.
pub(super) struct Asked {
    pub(super) command: Command,
    pub(super) key: Option<RequestKey>,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// What becomes of a request.
pub type Answer = Result<Accepted, Declined>;

/// A command that was decided and is durable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// The fact that answers it.
    pub change: Change,
    /// Whether it had been decided before, under the same key or by its nature.
    pub again: bool,
    /// When it was answered.
    pub now: Now,
}

/// Why a command was not carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Declined {
    /// By rule. Nothing changed.
    Refused(Refusal),
    /// The backlog is full. Nothing changed; ask again shortly.
    Busy,
    /// The journal cannot be written. What became of the request is unknown: ask again with the
    /// same key.
    Down,
    /// The server is stopping. What became of the request is unknown: ask again with the same key.
    Stopping,
}
