//! Every code has its row, its status and its line in the documents.

use stanchion_domain::id::{BasketId, Number};
use stanchion_domain::time::{SaleTime, Span};

use super::*;

/// One of each refusal; the match makes sure that none is forgotten.
fn refusals() -> Vec<Code> {
    let known = |code: &Code| match code {
        Code::Unavailable { .. } | Code::InBaskets { .. } | Code::SoldOut | Code::NoBlock => {}
        Code::LimitReached { .. } | Code::NotEntitled | Code::Expired => {}
        Code::NotFound { .. } | Code::NoPass | Code::BasketOpen(_) => {}
        Code::WrongState { .. } | Code::NotOpen | Code::Mirrored => {}
        Code::Invalid { .. } | Code::KeyReused | Code::StaleRevision { .. } => {}
        Code::Gone(_) | Code::Later(_) => {}
    };
    let all = vec![
        Code::Unavailable { killed: false },
        Code::InBaskets { first_return_at: Some(SaleTime(9_000)) },
        Code::SoldOut,
        Code::NoBlock,
        Code::LimitReached { limit: "basket_units", most: 8 },
        Code::NotEntitled,
        Code::Expired,
        Code::NotFound { what: "seat" },
        Code::NoPass,
        Code::BasketOpen(BasketId(7)),
        Code::WrongState { state: "paying" },
        Code::NotOpen,
        Code::Mirrored,
        Code::Invalid { what: "units" },
        Code::KeyReused,
        Code::StaleRevision { newest: 3 },
        Code::Gone(Number(1)),
        Code::Later(Span(500)),
    ];
    all.iter().for_each(known);
    all
}

#[test]
fn every_refusal_has_a_status_and_says_what_to_do() {
    for code in refusals() {
        let problem = Problem::refused(&Refusal::whole(code), Now::default());
        assert_eq!(problem.code(), code.name());
        let response = problem.response();
        assert!(response.status().is_client_error() || response.status() == 503, "{code:?}");
    }
}

#[test]
fn every_code_of_the_table_is_documented_and_stands_there_once() {
    let docs = include_str!("../../../docs/api.md");
    for kind in KINDS {
        let row = format!("| `{}` | {} |", kind.code, kind.status);
        assert!(docs.contains(&row), "docs/api.md has no row beginning {row}");
        assert_eq!(KINDS.iter().filter(|other| other.code == kind.code).count(), 1);
    }
}

#[test]
fn retry_after_is_in_whole_seconds_and_never_zero() {
    for (ms, seconds) in [(1, "1"), (1_000, "1"), (1_001, "2")] {
        let response = Problem::new("later").retry_after_ms(ms).response();
        assert_eq!(response.headers()[RETRY_AFTER], seconds);
    }
}
