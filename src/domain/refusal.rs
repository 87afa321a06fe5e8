//! What the rules decline, and why. Expected in every sale; a refusal changes nothing.
//!
//! A code exists only if a caller would act differently on it.

use crate::id::{BasketId, Number};
use crate::time::{SaleTime, Span};

/// A request declined by rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// Which item of the request, counted from 0, where it was one of them.
    pub item: Option<u32>,
}

/// Why a request was declined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    /// A seat is taken for good or withheld, or does not exist for this sale. A killed one was
    /// never to be had: nobody was faster.
    Unavailable { killed: bool },
    /// None are free, some are in baskets. A seat asked for by name may come back at this sale
    /// time; for anything else the board says when the first may.
    InBaskets { first_return_at: Option<SaleTime> },
    /// None are free and none can come back.
    SoldOut,
    /// There are seats, but not so many side by side.
    NoBlock,
    /// A limit of the policy or of the rules would be passed.
    LimitReached { limit: &'static str, most: u64 },
    /// House seats, for somebody who may not.
    NotEntitled,
    /// The basket's or the call's time ran out.
    Expired,
    /// No such basket, hold, place, order, performance, price, trigger.
    NotFound { what: &'static str },
    /// The visitor has not been called, or their pass has ended.
    NoPass,
    /// The pass has a live basket already.
    BasketOpen(BasketId),
    /// The thing is not in a state that allows this: says which.
    WrongState { state: &'static str },
    /// The sale is not open (not yet, paused for selling, or closed).
    NotOpen,
    /// The venue's own system keeps these seats.
    Mirrored,
    /// An item makes no sense: says which part.
    Invalid { what: &'static str },
    /// The same idempotency key came with another body.
    KeyReused,
    /// Somebody changed the sale since the operator looked; the newest revision.
    StaleRevision { newest: u64 },
    /// This visitor's place was called, left, or never issued.
    Gone(Number),
    /// All queue numbers reserved so far are taken; ask again after this span.
    Later(Span),
}

impl Refusal {
    /// A refusal of the whole request.
    pub fn whole(code: Code) -> Self {
        Self { code, item: None }
    }

    /// A refusal because of one item.
    pub fn item(code: Code, item: usize) -> Self {
        Self { code, item: u32::try_from(item).ok() }
    }
}

/// Declares the names of the codes: the one list of them.
macro_rules! names {
    ($($code:pat => $name:literal,)+) => {
        /// The names of all codes.
        pub const NAMES: &[&str] = &[$($name),+];

        impl Code {
            /// The stable name that callers compare.
            pub fn name(&self) -> &'static str {
                match self {
                    $($code => $name,)+
                }
            }
        }
    };
}

names! {
    Code::Unavailable { .. } => "unavailable",
    Code::InBaskets { .. } => "in_baskets",
    Code::SoldOut => "sold_out",
    Code::NoBlock => "no_block",
    Code::LimitReached { .. } => "limit_reached",
    Code::NotEntitled => "not_entitled",
    Code::Expired => "expired",
    Code::NotFound { .. } => "not_found",
    Code::NoPass => "no_pass",
    Code::BasketOpen(_) => "basket_open",
    Code::WrongState { .. } => "wrong_state",
    Code::NotOpen => "not_open",
    Code::Mirrored => "mirrored",
    Code::Invalid { .. } => "invalid",
    Code::KeyReused => "key_reused",
    Code::StaleRevision { .. } => "stale_revision",
    Code::Gone(_) => "gone",
    Code::Later(_) => "later",
}
