//! What operators see and ask.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::action::ActionBody;
use super::basket::{BasketBody, Id};
use super::place::{PlaceState, WordsBody};
use super::sale::SaleBody;
use super::time::Moment;
use super::trigger::TriggerBody;
use crate::board::wire::{CountsBody, QueueBody, StaleBody};

/// All sales in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct SalesBody {
    /// Nothing survives: this is a rehearsal.
    pub rehearsal: bool,
    /// The sales, by id.
    pub sales: Vec<SaleShortBody>,
}

/// One sale in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct SaleShortBody {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `before`, `open` or `closed`.
    pub phase: &'static str,
    /// Whether visitors are called now.
    pub calling: bool,
    /// Number of the newest ops change.
    pub revision: u64,
    /// Whether it can be written.
    pub healthy: bool,
}

/// Everything operators set and see of a sale.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskBody {
    /// What is fixed about it.
    pub sale: SaleBody,
    /// Nothing survives: this is a rehearsal.
    pub rehearsal: bool,
    /// Number of the newest ops change: name it in the next one.
    pub revision: u64,
    /// Whether visitors are called now.
    pub calling: bool,
    /// How the shop behind the gate does: `well`, `slow`, `crowded` or `down`; absent if there is
    /// none. Nobody is called while it is crowded or down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop: Option<&'static str>,
    /// Whether calling was stopped.
    pub calling_paused: bool,
    /// Most passes called or active at once.
    pub cap: u32,
    /// Most calls a minute.
    pub pace_per_minute: u32,
    /// Whether no more shoppers are called than what is left can serve.
    pub call_for_what_is_left: bool,
    /// Words for everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Vec<WordsBody>>,
    /// When they are taken away again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_until: Option<Moment>,
    /// Where everyone in the queue is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// Triggers, with whether they have fired.
    pub triggers: Vec<TriggerSetBody>,
    /// Sale time.
    pub time: TimeBody,
    /// Whether the sale can be written.
    pub health: HealthBody,
    /// Counts of everything together; absent while a mirrored sale was not reported whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<CountsBody>,
    /// Said if these counts are not known to be so now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleBody>,
    /// The queue.
    pub queue: QueueBody,
    /// Requests that wait for the writer.
    pub backlog: u64,
    /// Number of the newest durable record.
    pub sequence: u64,
}

/// A trigger that is set.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriggerSetBody {
    /// The trigger.
    #[serde(flatten)]
    pub trigger: TriggerBody,
    /// Whether its condition was met and its deeds done.
    pub fired: bool,
}

/// Sale time.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimeBody {
    /// Whether it runs.
    pub running: bool,
    /// Whether an operator stopped it.
    pub frozen: bool,
    /// What it says.
    pub sale_time_ms: u64,
}

/// Whether a sale can be written.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthBody {
    /// It can.
    pub well: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// An ops change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBody {
    /// The revision you looked at.
    pub revision: u64,
    /// Why; it stands in the audit log.
    pub reason: String,
    /// What.
    pub action: ActionBody,
}

/// A changed sale file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileBody {
    /// The revision you looked at.
    pub revision: u64,
    /// Why; it stands in the audit log.
    pub reason: String,
    /// The file's text (TOML). Plans are found on the server's disk.
    pub file: String,
}

/// What an ops change did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedBody {
    /// The revision it made; the newest one if nothing was applied.
    pub revision: u64,
    /// What a changed file changes, a line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub differences: Vec<String>,
    /// Whether anything was changed.
    pub applied: bool,
}

/// Ops changes, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditsBody {
    /// The changes.
    pub entries: Vec<AuditBody>,
    /// Where to go on: `after` of the next request. Absent where the list ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One ops change.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditBody {
    /// The revision it made.
    pub revision: u64,
    /// When.
    pub at: Moment,
    /// When, in sale time.
    pub sale_time_ms: u64,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What.
    pub action: ActionBody,
}

/// Passes called and active.
#[derive(Debug, Serialize, ToSchema)]
pub struct PassesBody {
    /// By number.
    pub passes: Vec<PassShortBody>,
    /// Where to go on: `after` of the next request. Absent where the list ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One pass.
#[derive(Debug, Serialize, ToSchema)]
pub struct PassShortBody {
    /// The visitor's queue number.
    pub pass: u32,
    /// `called` or `active`.
    pub state: PlaceState,
    /// For how long.
    pub for_ms: u64,
    /// The live basket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basket: Option<Id>,
    /// Units in orders.
    pub units_bought: u32,
}

/// A visitor's place, as operators see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceSeenBody {
    /// The queue number.
    pub number: u32,
    /// How the place stands.
    pub state: PlaceState,
    /// How many are ahead, of who is in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// How long ago, in sale time, the visitor was last seen; absent if never since this server
    /// began to serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_before_ms: Option<u64>,
    /// Whether it moved to another device.
    pub moved: bool,
    /// The live basket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basket: Option<Id>,
}

/// Baskets, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct BasketsBody {
    /// The baskets.
    pub baskets: Vec<BasketBody>,
    /// Where to go on: `after` of the next request. Absent where the list ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
