//! The connections of one visitor, as a browser keeps them.
//!
//! HTTP/1.1: a connection for each request that is on its way, kept for the next ones. HTTP/2: one
//! for all. A connection that the server closed while it was idle is opened again; a request that
//! met such an end is sent once more if that cannot do anything twice. Connections to a server that
//! does not serve any more are given up. Measures every exchange.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

use super::address::Side;
use super::ask::{self, Answer, Ask};
use super::stream::Stream;
use super::wire::{Unanswered, Wire};
use super::{Web, WebFault};
use crate::measure::{Ended, Exchange, Operation};
use crate::scenario::Http;

/// Bytes of an answer: a plan of 131,072 seats at about 120 bytes each is 16 MiB.
pub const ANSWER_BYTES_MAX: usize = 20 << 20;
/// How often somebody who only lingers looks whether they were thrown out.
const LINGER_SPAN: Duration = Duration::from_secs(1);

/// One visitor's way to a server.
pub struct Browser {
    web: Arc<Web>,
    source: Option<IpAddr>,
    idle: Mutex<Vec<Wire>>,
    /// Held while the one connection of HTTP/2 is opened, so that nobody opens a second.
    opening: tokio::sync::Mutex<()>,
}

/// No answer came.
#[derive(Debug)]
pub struct Silence {
    /// When it was asked, on the run's clock.
    pub asked_us: u64,
    /// When it was given up.
    pub ended_us: u64,
    /// Why.
    pub fault: WebFault,
}

impl Browser {
    /// The browser of a visitor, by their number; connects when it is first needed.
    pub fn new(web: &Arc<Web>, who: u32) -> Self {
        let (idle, opening) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { web: web.clone(), source: web.source(who), idle, opening }
    }

    /// Asks, and reads the whole answer. Latency counts from `intended_us`.
    ///
    /// # Errors
    /// If no answer came in time; what was asked may have been done.
    pub async fn ask(&self, ask: &Ask, intended_us: u64) -> Result<Answer, Silence> {
        let asked_us = self.web.clock.now_us();
        let whole = async {
            let (response, wire) = self.respond(ask, intended_us).await?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(WebFault::Cut)?.to_bytes();
            let told_us = self.web.clock.now_us();
            let answer = Answer::new(head.status, &head.headers, body, (asked_us, told_us));
            if answer.sends_elsewhere() {
                self.web.sides.leave(wire.side());
            }
            self.keep(wire);
            Ok(answer)
        };
        let answer = tokio::time::timeout(self.web.answer_span, whole).await;
        let answer = self.noticed(answer.unwrap_or(Err(WebFault::Slow)), asked_us);
        let (ended_us, ended) = match &answer {
            Ok(answer) => (answer.told_us, answer.ended()),
            Err(silence) => (silence.ended_us, Ended::Lost),
        };
        let operation = ask.operation;
        self.measured(Exchange { operation, intended_us, ended_us, ended });
        answer
    }

    /// Opens an HTTP event stream; only its head has to come in time.
    ///
    /// # Errors
    /// If it did not, or was none.
    pub async fn stream(&self, ask: &Ask, intended_us: u64) -> Result<Stream, Silence> {
        let asked_us = self.web.clock.now_us();
        let head = self.respond(ask, intended_us);
        let head = tokio::time::timeout(self.web.answer_span, head).await;
        let head = self.noticed(head.unwrap_or(Err(WebFault::Slow)), asked_us);
        let ended_us = self.web.clock.now_us();
        let ended = head.as_ref().map_or(Ended::Lost, |(response, _)| {
            ask::ended(response.status(), ask::retry_after(response.headers()))
        });
        let operation = ask.operation;
        self.measured(Exchange { operation, intended_us, ended_us, ended });
        let (response, wire) = head?;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            // A server that serves never turns away a stream like this.
            self.web.sides.leave(wire.side());
        }
        Ok(Stream::new(response, Box::new(wire), self.web.clock))
    }

    /// Connects and asks for nothing, until the server has enough of it.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub async fn linger(&self, intended_us: u64) -> Result<(), WebFault> {
        let wire = self.open(intended_us).await?;
        while !wire.closed() {
            tokio::time::sleep(LINGER_SPAN).await;
        }
        Ok(())
    }

    /// The head of the answer, and the connection that it came over.
    async fn respond(
        &self,
        ask: &Ask,
        intended_us: u64,
    ) -> Result<(Response<Incoming>, Wire), WebFault> {
        while let Some(mut wire) = self.kept() {
            match wire.send(self.request(ask, &wire)?).await {
                Ok(response) => return Ok((response, wire)),
                Err(Unanswered::Unsent) => {}
                Err(Unanswered::Unknown(_)) if ask.safe_twice() => break,
                Err(Unanswered::Unknown(fault)) => return Err(fault.into()),
            }
        }
        let mut wire = self.connection(intended_us).await?;
        let closed = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        match wire.send(self.request(ask, &wire)?).await {
            Ok(response) => Ok((response, wire)),
            Err(Unanswered::Unsent) => Err(WebFault::Unreachable(closed())),
            Err(Unanswered::Unknown(fault)) => Err(fault.into()),
        }
    }

    fn request(
        &self,
        ask: &Ask,
        wire: &Wire,
    ) -> Result<http::Request<http_body_util::Full<Bytes>>, WebFault> {
        ask.request(self.web.sides.address(wire.side()), wire.version())
    }

    /// A connection that was kept, is still open, and leads to who serves.
    fn kept(&self) -> Option<Wire> {
        let serving = self.web.sides.serving();
        let mut idle = self.idle();
        while let Some(wire) = idle.pop() {
            if wire.closed() || wire.side() != serving {
                continue;
            }
            idle.extend(wire.shared());
            return Some(wire);
        }
        None
    }

    /// A new connection; of HTTP/2 the one that somebody else just opened.
    async fn connection(&self, intended_us: u64) -> Result<Wire, WebFault> {
        if self.web.http == Http::One {
            return self.open(intended_us).await;
        }
        let _opening = self.opening.lock().await;
        if let Some(wire) = self.kept() {
            return Ok(wire);
        }
        let wire = self.open(intended_us).await?;
        self.idle().extend(wire.shared());
        Ok(wire)
    }

    /// A new connection to whoever serves; where nobody listens, to the next one.
    async fn open(&self, intended_us: u64) -> Result<Wire, WebFault> {
        let mut opened = self.open_to(self.web.sides.serving(), intended_us).await;
        for _ in 1..self.web.sides.count() {
            if !matches!(opened, Err(WebFault::Unreachable(_))) {
                break;
            }
            opened = self.open_to(self.web.sides.serving(), intended_us).await;
        }
        opened
    }

    async fn open_to(&self, side: Side, intended_us: u64) -> Result<Wire, WebFault> {
        let opened = Wire::open(&self.web, side, self.source).await;
        if matches!(opened, Err(WebFault::Unreachable(_))) {
            self.web.sides.leave(side);
        }
        let ended = if opened.is_ok() { Ended::Well } else { Ended::Lost };
        let (operation, ended_us) = (Operation::Connect, self.web.clock.now_us());
        self.measured(Exchange { operation, intended_us, ended_us, ended });
        opened
    }

    /// Keeps a connection for the next request. That of HTTP/2 is kept already.
    fn keep(&self, wire: Wire) {
        if wire.shared().is_none() {
            self.idle().push(wire);
        }
    }

    fn noticed<T>(&self, answer: Result<T, WebFault>, asked_us: u64) -> Result<T, Silence> {
        answer.map_err(|fault| {
            if matches!(fault, WebFault::Shortage(_)) {
                // Relaxed: a count that guards nothing.
                self.web.shortages.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            Silence { asked_us, ended_us: self.web.clock.now_us(), fault }
        })
    }

    fn measured(&self, exchange: Exchange) {
        self.web.notebook.measured(exchange);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Wire>> {
        // A holder never leaves it half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
