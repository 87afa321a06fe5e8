use std::collections::BTreeSet;

use proptest::prelude::*;

#[path = "../../../tests/support/requests.rs"]
mod requests;

use super::*;
use requests::{Case, Next, requests};

const UNANSWERED: Answered = Answered { heads: 0, switched: false };

/// What is told of bytes that come in these pieces: how many heads, and why the next is refused.
fn told<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (u64, Option<Ambiguity>) {
    let mut framing = Framing::new();
    for piece in pieces {
        if let Err(refused) = framing.read(piece, UNANSWERED) {
            return (framing.heads, Some(refused.why));
        }
    }
    (framing.heads, None)
}

fn whole(bytes: &[u8]) -> (u64, Option<Ambiguity>) {
    told(std::iter::once(bytes))
}

#[test]
fn every_request_of_the_corpus_is_read_in_one_way_or_refused() {
    let cases = requests();
    assert!(cases.len() >= 200, "{} cases", cases.len());
    let wrong = |case: &&Case| {
        let (heads, why) = whole(&case.bytes);
        let why = why.map(Ambiguity::label);
        match case.next {
            Next::Ambiguous(wanted) => why != Some(wanted),
            Next::Nothing => why.is_some() || (case.reach > 0 && heads != case.reach as u64),
            Next::Refused(_) => why.is_some(),
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
    let refused = Framing::new().read(&both, UNANSWERED).expect_err("refused");
    assert_eq!(refused.passed, Passed::Nothing(good.len()));
    let mut framing = Framing::new();
    framing.read(&both[..good.len() + 1], UNANSWERED).expect("plain so far");
    let rest = framing.read(&both[good.len() + 1..], UNANSWERED).expect_err("refused");
    assert_eq!(rest.passed, Passed::Head);
    let mut framing = Framing::new();
    let chunks = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel";
    framing.read(chunks, UNANSWERED).expect("plain so far");
    assert_eq!(framing.read(b"lo!", UNANSWERED).expect_err("refused").passed, Passed::Body);
}

#[test]
fn after_a_request_for_another_protocol_the_answer_tells_what_follows() {
    let asks = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
    let follow = |heads, switched, bytes: &[u8]| {
        let mut framing = Framing::new();
        framing.read(asks, UNANSWERED).expect("plain");
        framing.read(bytes, Answered { heads, switched }).map_err(|refused| refused.why)
    };
    assert_eq!(follow(0, false, b"\x81"), Err(Ambiguity::Early));
    assert_eq!(follow(1, true, b"\x81\0\n"), Ok(()));
    assert_eq!(follow(1, false, asks), Ok(()));
    assert_eq!(follow(1, false, b"\x81"), Err(Ambiguity::Line));
    assert!(Framing::unseen().read(b"PRI * HTTP/2.0\n\0", UNANSWERED).is_ok());
}

#[test]
fn every_reason_has_a_name_of_its_own_and_a_case() {
    let told: BTreeSet<_> =
        requests().iter().filter_map(|case| whole(&case.bytes).1).map(Ambiguity::label).collect();
    assert_eq!(told.len(), 13, "{told:?}");
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
