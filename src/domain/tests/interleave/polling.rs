//! A visitor polls while others ahead are called, passed over and given up, and sums are rebuilt.

use shuttle::thread;

use crate::check;
use crate::id::Number;
use crate::queue::publisher::Publisher;
use crate::time::SaleTime;

/// A queue that 200 visitors joined: two blocks, four sums.
fn queue() -> Publisher {
    let mut publisher = Publisher::new();
    publisher.reserve(200);
    let places = publisher.places();
    (0..200).for_each(|_| assert!(places.join(SaleTime(0)).is_some()));
    publisher
}

/// Polls one number a few times; what it is shown must not rise.
fn poll(publisher: &Publisher, number: u32) -> thread::JoinHandle<u32> {
    let places = publisher.places();
    thread::spawn(move || {
        let mut shown = u32::MAX;
        for _ in 0..4 {
            let position = places.standing(Number(number)).position().expect("is in the queue");
            assert!(position <= shown, "number {number} was shown {shown}, now {position}");
            shown = position;
        }
        shown
    })
}

#[test]
fn a_shown_position_never_rises() {
    check(|| {
        let mut publisher = queue();
        let visitors = [70, 128, 199].map(|number| (number, poll(&publisher, number)));
        publisher.call(Number(0));
        publisher.rebuild_sums();
        publisher.pass_over(60..68);
        publisher.spend(Number(69));
        publisher.rebuild_sums();
        publisher.reserve(300);
        publisher.spend(Number(130));
        for (number, visitor) in visitors {
            let shown = visitor.join().expect("a visitor ends");
            // Gone below: 0, 60..68 and 69; and 130, below the last.
            let ahead = number - if number > 130 { 11 } else { 10 };
            assert!(shown >= ahead, "number {number} was shown {shown}, {ahead} are ahead");
        }
    });
}

#[test]
fn a_shown_position_never_rises_when_a_visitor_is_passed_over() {
    check(|| {
        let mut publisher = queue();
        let visitors = [66, 128].map(|number| poll(&publisher, number));
        publisher.pass_over(0..67);
        publisher.rebuild_sums();
        publisher.pass_over(67..129);
        publisher.rebuild_sums();
        for visitor in visitors {
            visitor.join().expect("a visitor ends");
        }
    });
}

#[test]
fn a_shown_position_never_rises_over_an_unknown_time() {
    check(|| {
        let mut publisher = queue();
        publisher.reserve(230);
        let visitors = [140, 199].map(|number| poll(&publisher, number));
        publisher.resume(150);
        publisher.reserve(260);
        publisher.rebuild_sums();
        for visitor in visitors {
            visitor.join().expect("a visitor ends");
        }
    });
}
