//! What visitors are told when the shop behind the gate does not answer: their place is kept, and
//! the page tries again by itself.

use std::sync::Arc;

use http::Response;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap};

use super::origin::OriginFault;
use crate::api::problem::Problem;
use crate::api::state::OpenSale;
use crate::net::reply::OutBody;
use crate::page::down;

/// When to ask again. Whoever waits so long keeps their pass: each try is a sign of life.
const RETRY_MS: u64 = 5_000;

/// What is remembered of a request that may not be answered.
pub(super) struct Lost {
    /// How its visitor reads.
    asked: HeaderMap,
    /// What may be asked for again.
    address: Option<String>,
}

impl Lost {
    /// Remembers what is needed of a request.
    pub(super) fn new(headers: &HeaderMap, address: Option<String>) -> Self {
        let known = [ACCEPT, ACCEPT_LANGUAGE];
        let kept =
            known.into_iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone())));
        Self { asked: kept.collect(), address }
    }

    /// The answer to a request that the shop did not answer, in the look of this sale.
    pub(super) fn response(
        self,
        fault: &OriginFault,
        sale: Option<&Arc<OpenSale>>,
    ) -> Response<OutBody> {
        let code = match fault {
            OriginFault::Silent => "origin_slow",
            OriginFault::Crowded => "origin_busy",
            OriginFault::Unreachable(_) | OriginFault::Broken(_) | OriginFault::Body(_) => {
                "origin_down"
            }
        };
        let problem = Problem::new(code).retry_after_ms(RETRY_MS);
        match sale {
            Some(sale) => down::for_people(problem, sale, &self.asked, self.address.as_deref()),
            None => problem,
        }
        .response()
    }
}
