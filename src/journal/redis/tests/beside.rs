//! What stands beside the journal: the board for readers elsewhere, and who signs the tokens.

use super::*;
use crate::journal::tests::servers::Reply;
use showcase::{Showcase, Showing};

fn showing<'a>(version: u64, head: &'a str, performances: &[(&'a str, &'a str)]) -> Showing<'a> {
    let bytes = |(id, json): &(&'a str, &'a str)| (*id, json.as_bytes());
    Showing {
        version,
        head: Some(head.as_bytes()).filter(|head| !head.is_empty()),
        whole: false,
        performances: performances.iter().map(bytes).collect(),
    }
}

#[test]
fn a_version_of_the_board_is_shown_and_an_older_one_does_not_come_after_it() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut showcase = Showcase::new(&elsewhere.settings(), "arena");
    let shown = |key: &str| elsewhere.redis.must(&["GET", key]).text();
    let left =
        |id: &str| elsewhere.redis.must(&["HGET", "stanchion:{arena}:performances", id]).text();
    let whole = Showing { whole: true, ..showing(5, "five", &[("a", "1"), ("b", "2")]) };
    assert!(showcase.show(&whole).unwrap());
    assert!(showcase.show(&showing(6, "", &[("b", "1")])).unwrap());
    assert_eq!(shown("stanchion:{arena}:board").as_deref(), Some("five"));
    assert_eq!((left("a").as_deref(), left("b").as_deref()), (Some("1"), Some("1")));
    assert!(!showcase.show(&showing(4, "four", &[("a", "7")])).unwrap(), "it is older");
    assert_eq!(shown("stanchion:{arena}:board").as_deref(), Some("five"));
    assert_eq!(left("a").as_deref(), Some("1"));
    assert_eq!(shown("stanchion:{arena}:board:version").as_deref(), Some("6"));
    // A whole board has no performance that is gone, however many it has.
    let ids: Vec<_> = (0..1_200).map(|at| format!("slot-{at}")).collect();
    let many: Vec<_> = ids.iter().map(|id| (id.as_str(), "9")).collect();
    let whole = Showing { whole: true, ..showing(7, "seven", &many) };
    assert!(showcase.show(&whole).unwrap());
    assert_eq!((left("a"), left("slot-1199").as_deref()), (None, Some("9")));
    let count = elsewhere.redis.must(&["HLEN", "stanchion:{arena}:performances"]);
    assert_eq!(count, Reply::Number(1_200));
    assert_eq!(shown("stanchion:{arena}:board").as_deref(), Some("seven"));
}

#[test]
fn processes_agree_on_who_signs_if_they_have_a_key_in_common() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let settings = elsewhere.settings();
    let agree = |sale: &str, prints: &[&str]| {
        let (dir, signers) = (tempfile::tempdir().unwrap(), prints.iter().map(ToString::to_string));
        let mut found = RedisSale::new(&settings, sale, dir.path(), signers.collect()).unwrap();
        match found.open() {
            Ok(()) => true,
            Err(JournalFault::OtherSigners) => false,
            Err(fault) => panic!("{fault}"),
        }
    };
    assert!(agree("arena", &["one"]));
    assert!(agree("arena", &["one", "two"]), "rotated");
    assert!(agree("arena", &["two"]), "the old one was dropped");
    assert!(!agree("arena", &["three"]), "somebody else's");
    assert!(agree("stadium", &["three"]), "another sale");
    assert!(agree("arena", &[]), "it signs nothing");
    assert!(!agree("arena", &["three", "four"]), "it was not added");

    let tell = |prints: &[&str]| {
        let prints: Vec<_> = prints.iter().map(ToString::to_string).collect();
        signers::tell(&settings, "arena", &prints)
    };
    tell(&["two", "five"]).unwrap();
    assert!(agree("arena", &["five"]), "who was told of it since");
    assert!(matches!(tell(&["six"]), Err(JournalFault::OtherSigners)));
    assert!(!agree("arena", &["six"]), "it was not added");
}
