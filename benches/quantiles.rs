//! What many single spans are summed up as: a mean hides the slowest.

use std::time::Duration;

/// Median, 99th and 99.9th percentile and the longest of at least one span, in words.
pub(crate) fn quantiles(mut spans: Vec<Duration>) -> String {
    spans.sort_unstable();
    let count = spans.len();
    let [median, p99, p999, longest] =
        [500, 990, 999, 1_000].map(|permille| spans[(count - 1) * permille / 1_000]);
    format!("{count}, median {median:?}, p99 {p99:?}, p99.9 {p999:?}, longest {longest:?}")
}
