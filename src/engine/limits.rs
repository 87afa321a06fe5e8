//! The limits and rhythms of the engine, with their arithmetic.

/// Requests that may wait for the writer of one sale. At 100,000 decisions a second, 0.6 s of work;
/// beyond, a request is declined at once and told to come back.
pub const BACKLOG_MAX: usize = 65_536;
/// Requests decided into one batch, and so into one durable write. 4,096 records of about 100 bytes
/// are 400 KiB.
pub const BATCH_REQUESTS_MAX: usize = 4_096;
/// Changes that time brings in one tick; the rest follow in the next.
pub const DUE_PER_TICK_MAX: usize = 4_096;
/// How often the writer looks at the time: a freed slot is called again within one of these.
pub const TICK_MS: u64 = 25;
/// How often the board is published, if it changed.
pub const BOARD_MS: u64 = 200;
/// How often those who wait are counted by presence, for the estimated wait.
pub const ESTIMATE_MS: u64 = 1_000;
/// A write that takes longer stops sale time: we cannot serve.
pub const WRITE_STALL_MS: u64 = 2_000;
/// Wall time may differ from what the monotonic clock says by so much before it is distrusted.
pub const WALL_DRIFT_MS_MAX: u64 = 5_000;
/// A wall clock that jumped ahead is believed once it has stayed so for five minutes: time for an
/// operator who set it wrong to see the log and set it right.
pub const WALL_BELIEF_MS: u64 = 300_000;
/// How often a journal that cannot be written is tried again.
pub const REOPEN_MS: u64 = 500;
/// How often a journal is asked for its health.
pub const HEALTH_MS: u64 = 1_000;
/// How long an idle committer sleeps before it looks whether either is due.
pub const LOOK_MS: u64 = 100;
/// Records after which a snapshot is made: about two seconds of replay at most.
pub const SNAPSHOT_RECORDS: u64 = 500_000;
/// How often the snapshot maker looks.
pub const SNAPSHOT_LOOK_MS: u64 = 1_000;
/// A pause between two steps of trimming, for appends: 500,000 records take 244 steps, 5 s.
pub const TRIM_PAUSE_MS: u64 = 20;
/// How long who stands by waits for a record before it tries the lease again: what a hand-over
/// takes at most until somebody notices it.
pub const FOLLOW_MS: u64 = 25;
/// How often a standby that cannot read its journal tries again.
pub const FOLLOW_RETRY_MS: u64 = 500;
/// How often a former holder may be faster by a record before a takeover gives the lease back: it
/// has at most one batch under way each time, and within [`HEALTH_MS`] it finds out.
pub const TAKEOVER_TRIES_MAX: u32 = 100;
/// Span over which calls are counted for the estimated wait.
pub const CALL_RATE_SPAN_MS: u64 = 60_000;

const _: () = {
    assert!(TICK_MS * 4 < 250, "a freed slot is called within 250 ms");
    assert!(BOARD_MS >= TICK_MS);
    assert!(BATCH_REQUESTS_MAX <= BACKLOG_MAX);
    assert!(WRITE_STALL_MS <= stanchion_domain::limits::CLOCK_GAP_MS_MAX);
};
