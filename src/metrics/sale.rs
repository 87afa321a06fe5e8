//! What is counted of one sale: its queue, its seats, its writer and its journal.

use std::sync::Arc;

use metrics::{Counter, Label};
use stanchion_domain::refusal::{Code, NAMES};

use super::histogram::Buckets;
use super::spread::Spread;
use super::{Named, Registry, handles};

handles! {
    /// Handles of one sale, labelled `sale`.
    QueueAndSeats {
        joins: counter "stanchion_joins_total", "Queue numbers given.";
        polls: counter "stanchion_polls_total", "Questions for a position answered.";
        waiting: gauge "stanchion_waiting", "Visitors in the queue.";
        called: gauge "stanchion_called", "Visitors called who have not claimed yet.";
        active: gauge "stanchion_active", "Visitors with a live pass.";
        cap: gauge "stanchion_cap", "Most passes called or active at once.";
        pace: gauge "stanchion_pace_per_minute", "Most visitors called in a minute.";
        for_what_is_left: gauge "stanchion_calling_for_what_is_left", "1 while no more are called than what is left can serve.";
        claims: counter "stanchion_claims_total", "Visitors who took their turn.";
        missed: counter "stanchion_claims_missed_total", "Visitors who did not take their turn.";
        available: gauge "stanchion_units_available", "Seats and pool units anybody may hold.";
        held: gauge "stanchion_units_held", "Seats and pool units in open baskets.";
        paying: gauge "stanchion_units_paying", "Seats and pool units on the card page.";
        sold: gauge "stanchion_units_sold", "Seats and pool units in orders.";
        withheld: gauge "stanchion_units_withheld", "Seats and pool units kept off public sale.";
        left_known: gauge "stanchion_left_known", "1 while what is left is a fact: 0 while reports of a venue's own system are missing or stale.";
        orders: counter "stanchion_orders_total", "Baskets confirmed.";
        expired: counter "stanchion_baskets_expired_total", "Baskets whose time ran out.";
        time_running: gauge "stanchion_sale_time_running", "1 while sale time runs.";
        outages: counter "stanchion_outages_total", "Gaps that were not added to sale time.";
        connector_tokens: counter "stanchion_connector_tokens_total", "Tokens given to connectors of shops.";
        connector_refused: counter "stanchion_connector_refused_total", "Good tokens that a connector refused, so that its visitor was kept here.";
        streams: gauge "stanchion_sale_streams_open", "Event streams open for this sale.";
    }
}

handles! {
    /// Handles of the one writer of a sale and of its journal, labelled `sale`.
    Writer {
        backlog: gauge "stanchion_backlog_depth", "Commands waiting for the writer.";
        shed: counter "stanchion_shed_total", "Commands refused because the backlog was full.";
        batch: histogram "stanchion_batch_commands", "Commands decided in one batch.";
        tick_late: histogram "stanchion_tick_late_seconds", "How late the writer's tick came.";
        append: histogram "stanchion_journal_append_seconds", "One durable write of a batch.";
        writing: gauge "stanchion_journal_writing_seconds", "Length so far of the write under way.";
        healthy: gauge "stanchion_journal_healthy", "1 while the journal takes writes.";
        snapshot: histogram "stanchion_snapshot_seconds", "Making one snapshot.";
        snapshot_age: gauge "stanchion_snapshot_age_seconds", "Age of the newest snapshot.";
    }
}

handles! {
    /// Handles of what this process is to a sale, labelled `sale`.
    Role {
        writer: gauge "stanchion_writer", "1 while this process writes the sale, 0 while it stands by.";
        epoch: gauge "stanchion_epoch", "Epoch of the newest record that is known here.";
        followed: gauge "stanchion_followed_sequence", "Newest record that is known here.";
        lag: gauge "stanchion_follow_lag_seconds", "Time since all records were known here; 0 for the writer.";
    }
}

/// Everything counted of one sale.
#[derive(Clone, Debug)]
pub struct SaleMetrics {
    /// Its queue, its seats, its time.
    pub sale: QueueAndSeats,
    /// Its writer and its journal.
    pub writer: Writer,
    /// What this process is to it.
    pub role: Role,
    appends: Arc<Buckets>,
    refusals: Refusals,
}

/// In the order of [`NAMES`].
#[derive(Clone)]
struct Refusals(Box<[Counter]>);

impl std::fmt::Debug for Refusals {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Refusals")
    }
}

impl SaleMetrics {
    pub(super) fn new(registry: &Registry, id: &str) -> Self {
        let labels = [Label::new("sale", id.to_owned())];
        let refusals = NAMES.iter().map(|code| {
            registry.counter(&Named {
                name: "stanchion_refusals_total",
                help: "Requests declined by rule, by code.",
                labels: vec![labels[0].clone(), Label::new("code", *code)],
            })
        });
        let appends = Named {
            name: "stanchion_journal_append_seconds",
            help: "One durable write of a batch.",
            labels: labels.to_vec(),
        };
        Self {
            appends: registry.buckets(&appends),
            sale: QueueAndSeats::register(registry, &labels),
            writer: Writer::register(registry, &labels),
            role: Role::register(registry, &labels),
            refusals: Refusals(refusals.collect()),
        }
    }

    /// How long durable writes took.
    pub fn appends(&self) -> Spread {
        self.appends.spread()
    }

    /// Counts a refusal under its code.
    pub fn refused(&self, code: &Code) {
        let at = NAMES.iter().position(|name| *name == code.name());
        self.refusals.0[at.expect("every code has a name")].increment(1);
    }
}
