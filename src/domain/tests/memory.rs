//! What a million waiting visitors cost, counted at the allocator.

use allocation_counter::{AllocationInfo, measure};
use stanchion_domain::id::Number;
use stanchion_domain::limits::NUMBERS_PER_BLOCK;
use stanchion_domain::queue::line::Line;
use stanchion_domain::queue::places::Found;
use stanchion_domain::queue::publisher::Publisher;
use stanchion_domain::queue::standing::Standing;
use stanchion_domain::time::{SaleTime, Span};

const VISITORS: u32 = 1_000_000;
const NOW: SaleTime = SaleTime(0);

/// A queue that so many have joined, and what it allocated.
fn queue_of(visitors: u32) -> (Publisher, AllocationInfo) {
    let mut made = None;
    let info = measure(|| {
        let mut publisher = Publisher::new();
        publisher.reserve(visitors.next_multiple_of(NUMBERS_PER_BLOCK));
        let places = publisher.places();
        (0..visitors).for_each(|number| assert_eq!(places.join(NOW), Some(Number(number))));
        made = Some(publisher);
    });
    (made.expect("it was measured"), info)
}

#[test]
fn a_million_waiting_visitors_fit_in_16_mib() {
    let (publisher, info) = queue_of(VISITORS);
    let places = publisher.places();
    assert_eq!(places.waiting(), VISITORS);
    assert!(info.bytes_max <= 16 << 20, "{} bytes allocated", info.bytes_max);
    let (told, counted) = (places.bytes() as i64, info.bytes_current);
    // The counts of the `Arc` are all that `bytes` does not know of.
    assert!((0..=64).contains(&(counted - told)), "tells {told} bytes of {counted}");
    let line = measure(|| Line::default().reserve(places.reserved()));
    assert!(info.bytes_max + line.bytes_max <= 16 << 20, "{} more bytes", line.bytes_max);
    let per_visitor = counted as f64 / f64::from(VISITORS);
    assert!(per_visitor <= 5.0, "{per_visitor:.2} bytes for each visitor");
}

#[test]
fn a_reader_allocates_nothing() {
    let (mut publisher, _) = queue_of(1_000);
    let places = publisher.places();
    publisher.call(Number(3));
    publisher.rebuild_sums();
    let info = measure(|| {
        assert_eq!(places.join(NOW), Some(Number(1_000)));
        places.see(Number(7), SaleTime(5_000));
        assert_eq!(places.standing(Number(700)), Standing::Waiting { position: 699 });
        assert_eq!(places.find(Number(3), |_| Some(9)), Found::Pass(9));
        assert_eq!(places.present(0, SaleTime(5_000), Span(1_000)), 1);
        assert_eq!(places.waiting(), 1_000);
    });
    assert_eq!(info.count_total, 0);
}
