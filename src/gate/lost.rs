//! What visitors are told when the shop behind the gate does not answer: their place is kept, and
//! the page tries again by itself.

use std::sync::Arc;

use http::Response;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;

use super::origin::OriginFault;
use crate::api::problem::Problem;
use crate::api::state::OpenSale;
use crate::net::reply::OutBody;
use crate::page::down;

/// When to ask again. Whoever waits so long keeps their pass: each try is a sign of life.
const RETRY_MS: u64 = 5_000;

/// By which fields a browser says what its visitor reads.
const READS: [HeaderName; 2] = [ACCEPT, ACCEPT_LANGUAGE];

/// What is remembered of a request that may not be answered.
pub(super) struct Lost {
    /// How its visitor reads: kinds and languages.
    reads: [Option<HeaderValue>; 2],
    /// What may be asked for again.
    address: Option<PathAndQuery>,
}

impl Lost {
    /// Remembers what is needed of a request.
    pub(super) fn new(headers: &HeaderMap, address: Option<PathAndQuery>) -> Self {
        Self { reads: READS.map(|name| headers.get(name).cloned()), address }
    }

    /// The answer to a request that the shop did not answer, in the look of this sale.
    pub(super) fn response(
        self,
        fault: &OriginFault,
        sale: Option<&Arc<OpenSale>>,
    ) -> Response<OutBody> {
        let code = match fault {
            OriginFault::Silent => "origin_slow",
            OriginFault::Crowded | OriginFault::Share => "origin_busy",
            OriginFault::Unreachable(_) | OriginFault::Broken(_) | OriginFault::Body(_) => {
                "origin_down"
            }
        };
        let problem = Problem::new(code).retry_after_ms(RETRY_MS);
        let reads = READS.into_iter().zip(self.reads);
        let asked = reads.filter_map(|(name, value)| Some((name, value?))).collect();
        let address = self.address.as_ref().map(PathAndQuery::as_str);
        match sale {
            Some(sale) => down::for_people(problem, sale, &asked, address),
            None => problem,
        }
        .response()
    }
}
