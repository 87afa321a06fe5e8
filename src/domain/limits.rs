//! Every bound of the rules, in one place, with its arithmetic.
//!
//! Limits of sockets, bodies and rates belong to `net`; these are the limits of the sale itself.
//! Relations between them are asserted at compile time, at the end.

/// Queue numbers one sale may ever issue: 2^26. A stamp and three bits each: 288 MiB if all are
/// used, allocated block by block as numbers are reserved.
pub const NUMBERS_MAX: u32 = 1 << 26;
/// The first queue number that is given to anybody: people count from one.
pub const NUMBER_FIRST: u32 = 1;
/// Numbers in one block of the queue, and in one durable reservation.
pub const NUMBERS_PER_BLOCK: u32 = 1 << 16;
/// Numbers that stay reserved ahead of the last issued one: at 100,000 joins a second, 0.6 s.
pub const NUMBERS_AHEAD_MIN: u32 = 1 << 16;
/// Numbers covered by one prefix sum, and by one newest stamp: both share a cache line with four
/// words of bits, 40 bytes in all.
pub const NUMBERS_PER_SUM: u32 = 256;

/// Visitors called in one change; the rest follow in the next.
pub const CALLED_PER_CHANGE_MAX: usize = 1_024;
/// The largest cap, and so the most passes called or active at once.
pub const CAP_MAX: u32 = 100_000;
/// The fastest pace, in calls a minute.
pub const PACE_PER_MINUTE_MAX: u32 = 6_000_000;
/// How long calling may burst ahead of the pace.
pub const PACE_BURST_MS: u64 = 1_000;

/// Performances in one sale: 13,000 asked for, rounded up.
pub const PERFORMANCES_MAX: usize = 16_384;
/// Seats in one plan: the largest stadium has 114,000 (Pyongyang), rounded up.
pub const SEATS_PER_PLAN_MAX: usize = 131_072;
/// Seats and pools over all performances of a sale, as states in memory (16 bytes each: 256 MiB).
pub const UNITS_OF_STATE_MAX: usize = 1 << 24;
/// Pools of one performance.
pub const POOLS_PER_PERFORMANCE_MAX: usize = 256;
/// Units in one pool.
pub const POOL_CAPACITY_MAX: u32 = 1_000_000;
/// Price zones of one sale.
pub const ZONES_MAX: usize = 256;
/// Prices (full, concession, ...) of one zone.
pub const PRICES_PER_ZONE_MAX: usize = 32;
/// Seat plans of one sale.
pub const PLANS_MAX: usize = 64;
/// The highest price of one unit, in minor units of the currency: 10 million euro.
pub const AMOUNT_MINOR_MAX: u64 = 1_000_000_000;

/// Reports in one request of a venue's own system: every performance of the largest sale in one
/// price zone each; with more zones, in a few requests.
pub const REPORTS_PER_REQUEST_MAX: usize = PERFORMANCES_MAX;
/// Zones that go stale in one change; the rest follow in the next. About 12 KiB.
pub const STALE_PER_CHANGE_MAX: usize = 4_096;

/// Items in one request to hold.
pub const ITEMS_PER_REQUEST_MAX: usize = 32;
/// Holds in one basket.
pub const HOLDS_PER_BASKET_MAX: usize = 64;
/// Units (seats and pool units) one basket may hold, whatever the policy says.
pub const UNITS_PER_BASKET_MAX: u32 = 500;
/// Seats in one request for the best available.
pub const BEST_AVAILABLE_MAX: u32 = 50;
/// Idempotency keys remembered; beyond, the oldest is forgotten early. About 230 MiB if all are
/// holds. Rates per visitor keep a sale far below.
pub const ANSWERS_MAX: usize = 1 << 20;
/// How long an idempotency key is remembered, in sale time: 24 h.
pub const REQUEST_KEY_SPAN_MS: u64 = 24 * 3_600 * 1_000;
/// How long a closed basket is remembered for a late payment, in sale time: 24 h.
pub const BASKET_KEPT_SPAN_MS: u64 = 24 * 3_600 * 1_000;
/// Closed baskets for which no payment can come, kept to say what became of them: 2 MiB.
pub const CLOSED_UNPAID_KEPT_MAX: usize = 10_000;
/// Bytes of a payment reference.
pub const PAYMENT_BYTES_MAX: usize = 128;

/// Bytes of an id of a sale, performance, pool, zone, plan or trigger.
pub const ID_BYTES_MAX: usize = 64;
/// Bytes of a name or a label shown to people.
pub const NAME_BYTES_MAX: usize = 200;
/// Bytes of the board's head, which everybody asks for and every open stream carries.
pub const HEAD_BYTES_MAX: usize = 2_048;
/// Bytes of the head without its words: names of fields, counts of up to 13 digits, four instants.
pub const HEAD_FIGURES_BYTES_MAX: usize = 720;
/// Bytes of one notice as the head writes it, all its languages together
/// ([`Notice::written_bytes`](crate::board::trigger::Notice::written_bytes)): some 700 letters in
/// one language, 160 in each of four.
pub const NOTICE_BYTES_MAX: usize = 760;
/// Languages of one notice.
pub const NOTICE_LANGUAGES_MAX: usize = 4;
/// Bytes of the address everyone is sent to: it rides in the head as well.
pub const URL_BYTES_MAX: usize = 300;
/// Bytes of an operator's name, and of the reason for an ops change.
pub const ACTOR_BYTES_MAX: usize = 100;
/// Bytes of the reason given for an ops change.
pub const REASON_BYTES_MAX: usize = 500;
/// Triggers of one sale.
pub const TRIGGERS_MAX: usize = 100;
/// What one trigger does at most: words, a stop and an address, twice each.
pub const DEEDS_PER_TRIGGER_MAX: usize = 6;
/// What an operator may add to every live deadline at once: 24 h.
pub const ADD_TIME_MS_MAX: u64 = 24 * 3_600 * 1_000;
/// Places that are on another device than they began on: of a million visitors, all. About 40 MB.
pub const MOVED_MAX: usize = 1_000_000;
/// Ops changes kept in memory for the audit page; the journal keeps all.
pub const AUDIT_KEPT_MAX: usize = 10_000;
/// Seats or pool units named in one ops change.
pub const WITHHOLD_UNITS_MAX: usize = 100_000;

/// How often sale time is journaled at least, while anything depends on it.
pub const CLOCK_MARK_SPAN_MS: u64 = 1_000;
/// A gap between two ticks longer than this is an outage and is not added to sale time.
pub const CLOCK_GAP_MS_MAX: u64 = 2_000;

const _: () = {
    assert!(NUMBERS_MAX.is_multiple_of(NUMBERS_PER_BLOCK));
    assert!(NUMBER_FIRST < NUMBERS_PER_BLOCK);
    assert!(NUMBERS_PER_BLOCK.is_multiple_of(NUMBERS_PER_SUM));
    assert!(NUMBERS_PER_SUM.is_multiple_of(64));
    assert!(NUMBERS_AHEAD_MIN <= NUMBERS_PER_BLOCK);
    assert!(PERFORMANCES_MAX <= u16::MAX as usize);
    assert!(SEATS_PER_PLAN_MAX <= UNITS_OF_STATE_MAX);
    assert!(BEST_AVAILABLE_MAX <= 64, "a block is found by shifts within a word");
    assert!(UNITS_PER_BASKET_MAX as u64 * AMOUNT_MINOR_MAX < u64::MAX / 1_000);
    let head_words = ID_BYTES_MAX + NAME_BYTES_MAX + NOTICE_BYTES_MAX + URL_BYTES_MAX;
    assert!(HEAD_FIGURES_BYTES_MAX + head_words < HEAD_BYTES_MAX, "the largest head fits");
    assert!(CLOCK_MARK_SPAN_MS < CLOCK_GAP_MS_MAX);
};
