use std::collections::BTreeSet;

use proptest::prelude::*;

#[path = "../../../tests/support/requests.rs"]
mod requests;

use super::*;
use crate::net::limits;
use refused::STAND_IN;
use requests::{Case, Next, requests};

const UNANSWERED: Answered = Answered { heads: 0, switched: false };

const LIMITS: HeadLimits =
    HeadLimits { bytes_max: limits::HEAD_BYTES_MAX, fields_max: limits::HEADERS_MAX };

fn fresh() -> Framing {
    Framing::new(LIMITS)
}

/// What is told of bytes that come in these pieces: how many heads, and why the next is refused.
fn told<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (u64, Option<Why>) {
    let mut framing = fresh();
    for piece in pieces {
        if let Err(refused) = framing.read(piece, UNANSWERED) {
            return (framing.heads, Some(refused.why));
        }
    }
    (framing.heads, None)
}

fn whole(bytes: &[u8]) -> (u64, Option<Why>) {
    told(std::iter::once(bytes))
}

fn label(why: Why) -> Option<&'static str> {
    if let Why::Ambiguous(why) = why { Some(why.label()) } else { None }
}

#[test]
fn every_request_of_the_corpus_is_read_in_one_way_or_refused() {
    let cases = requests();
    assert!(cases.len() >= 200, "{} cases", cases.len());
    let wrong = |case: &&Case| {
        let (heads, why) = whole(&case.bytes);
        match case.next {
            Next::Ambiguous(wanted) => why.and_then(label) != Some(wanted),
            Next::Nothing => why.is_some() || (case.reach > 0 && heads != case.reach as u64),
            Next::Refused(status) => why.is_some_and(|why| why != Why::Large || status != 431),
        }
    };
    let wrong: Vec<_> =
        cases.iter().filter(wrong).map(|case| (case.name, case.next, whole(&case.bytes))).collect();
    assert!(wrong.is_empty(), "{} cases: {wrong:#?}", wrong.len());
}

#[test]
fn bytes_one_by_one_get_the_same_verdict() {
    for case in requests() {
        assert_eq!(told(case.bytes.chunks(1)), whole(&case.bytes), "{}", case.name);
    }
}

#[test]
fn what_is_passed_on_of_a_refused_request_is_known() {
    let good = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let bad = b"POST / HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n";
    let both = [&good[..], bad].concat();
    let refused = fresh().read(&both, UNANSWERED).expect_err("refused");
    assert_eq!((refused.from, refused.instead), (good.len(), STAND_IN));
    let mut framing = fresh();
    framing.read(&both[..good.len() + 1], UNANSWERED).expect("plain so far");
    let rest = framing.read(&both[good.len() + 1..], UNANSWERED).expect_err("refused");
    assert_eq!(rest.from, 0);
    assert!(rest.instead.starts_with(b"\0"));
    let mut framing = fresh();
    let chunks = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel";
    framing.read(chunks, UNANSWERED).expect("plain so far");
    let refused = framing.read(b"lo!", UNANSWERED).expect_err("refused");
    assert_eq!((refused.from, refused.instead), (0, &[][..]));
}

#[test]
fn after_a_request_for_another_protocol_the_answer_tells_what_follows() {
    let asks = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
    let follow = |heads, switched, bytes: &[u8]| {
        let mut framing = fresh();
        framing.read(asks, UNANSWERED).expect("plain");
        framing.read(bytes, Answered { heads, switched }).map_err(|refused| label(refused.why))
    };
    assert_eq!(follow(0, false, b"\x81"), Err(Some("early")));
    assert_eq!(follow(1, true, b"\x81\0\n"), Ok(()));
    assert_eq!(follow(1, false, asks), Ok(()));
    assert_eq!(follow(1, false, b"\x81"), Err(Some("line")));
    assert!(Framing::unseen().read(b"PRI * HTTP/2.0\n\0", UNANSWERED).is_ok());
}

#[test]
fn every_reason_has_a_name_of_its_own_and_a_case() {
    let told: BTreeSet<_> =
        requests().iter().filter_map(|case| whole(&case.bytes).1.and_then(label)).collect();
    assert_eq!(told.len(), 13, "{told:?}");
}

/// A head that has everything of which heads are made, and the next request.
const HEAD: &[u8] = b"POST /shop HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nX-A: b\r\n\r\n";

#[test]
fn a_head_that_is_too_large_is_ended_wherever_that_is() {
    for bytes_max in 1..HEAD.len() - 1 {
        for piece in [1, 7, HEAD.len()] {
            let mut framing = Framing::new(HeadLimits { bytes_max, ..LIMITS });
            let mut passed = Vec::new();
            let refused = HEAD.chunks(piece).find_map(|piece| {
                let refused = framing.read(piece, UNANSWERED).err();
                passed.extend(&piece[..refused.map_or(piece.len(), |refused| refused.from)]);
                refused
            });
            let refused = refused.expect("too large");
            assert_eq!(refused.why, Why::Large, "{bytes_max}");
            let beyond = passed.len() - bytes_max + refused.instead.len();
            assert!(beyond <= ending::BEYOND_BYTES_MAX, "{bytes_max}: {beyond}");
            passed.extend(refused.instead);
            let text = String::from_utf8_lossy(&passed);
            assert!(text.contains("host: ?large\r\n"), "{text:?}");
            assert_eq!(whole(&passed), (1, None), "{text:?}");
        }
    }
    let mut framing = Framing::new(HeadLimits { bytes_max: HEAD.len() - 1, ..LIMITS });
    assert!(framing.read(HEAD, UNANSWERED).is_ok(), "the last byte is no more of it");
}

#[test]
fn a_field_too_many_is_not_begun_and_each_request_is_counted_by_itself() {
    let mut framing = Framing::new(HeadLimits { fields_max: 2, bytes_max: 60 });
    let two = b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n";
    for _ in 0..3 {
        assert!(framing.read(two, UNANSWERED).is_ok());
    }
    let three = b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\nX-B: c\r\n\r\n";
    let refused = framing.read(three, UNANSWERED).expect_err("too many");
    assert_eq!((refused.why, refused.from), (Why::Large, two.len() - 2));
    assert_eq!(refused.instead, b"host: ?large\r\n\r\n");
}

/// What requests are made of, so that those made by chance come near to what is taken.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    const PARTS: &[&[u8]] = &[
        b"GET / HTTP/1.1\r\n",
        b"POST /a HTTP/1.0\r\n",
        b"Host: a\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Upgrade: x\r\n",
        b"X-A: b\r\n",
        b"\r\n",
        b"abc",
        b"3\r\nabc\r\n",
        b"0\r\n\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b":",
    ];
    let part = prop_oneof![
        20 => proptest::sample::select(PARTS).prop_map(<[u8]>::to_vec),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

fn split<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_split_of_the_corpus_gets_the_same_verdict(
        at in any::<proptest::sample::Index>(),
        cuts in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        let cases = requests();
        let bytes = &at.get(&cases).bytes;
        prop_assert_eq!(told(split(bytes, &cuts).into_iter()), whole(bytes));
    }

    #[test]
    fn any_split_of_anything_gets_the_same_verdict(
        bytes in pieces(),
        cuts in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        prop_assert_eq!(told(split(&bytes, &cuts).into_iter()), whole(&bytes));
        prop_assert_eq!(told(bytes.chunks(1)), whole(&bytes));
    }
}
