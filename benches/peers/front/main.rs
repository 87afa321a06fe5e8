//! A front end such as a venue would write: the queue and the holds of a sale, kept elsewhere.
//!
//! `front redis ADDRESS ANSWERS` keeps them in Redis, `front postgres ADDRESS ANSWERS` and
//! `front postgres-locks ADDRESS ANSWERS` in PostgreSQL. Speaks as much of the public interface as
//! the clients here ask for. `ANSWERS` is a folder with what the real server once answered, so that
//! as many bytes go out. It signs nothing, remembers no idempotency key, limits nothing and counts
//! nothing, all of which the real server does. Prints its address; ends with its standard input.

mod sorted_set;
mod statements;
#[path = "../answer.rs"]
mod answer;
#[path = "../listen.rs"]
mod listen;

use std::sync::Arc;

use anyhow::{Context, bail};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

use answer::Answer;
use sorted_set::SortedSet;
use statements::Statements;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let [kind, address, answers] = asked[..] else { bail!("front KIND ADDRESS ANSWERS") };
    listen::runtime()?.block_on(async {
        let store = match kind {
            "redis" => Store::SortedSet(SortedSet::open(address).await?),
            "postgres" => Store::Statements(Statements::open(address, statements::AHEAD).await?),
            "postgres-locks" => {
                Store::Statements(Statements::open(address, statements::AHEAD_LOCKED).await?)
            }
            _ => bail!("{kind}: redis, postgres or postgres-locks"),
        };
        let read = |name: &str| Answer::read(&format!("{answers}/{name}"));
        let (join, poll) = (read("join")?, read("poll")?);
        let (hold, release) = (read("hold")?, read("release")?);
        let front = Arc::new(Front { store, join, poll, hold, release });
        listen::serve("front", &[], move |request| Arc::clone(&front).answer(request)).await
    })
}

/// Where the queue is kept.
enum Store {
    SortedSet(SortedSet),
    Statements(Statements),
}

/// The store, and what the answers look like.
struct Front {
    store: Store,
    join: Answer,
    poll: Answer,
    hold: Answer,
    release: Answer,
}

impl Front {
    #[expect(clippy::print_stderr, reason = "whoever drives it sees why a run is void")]
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        self.carry_out(request).await.unwrap_or_else(|fault| {
            eprintln!("front: {fault:#}");
            let mut response = Response::default();
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    }

    async fn carry_out(&self, request: Request<Incoming>) -> anyhow::Result<Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        let (_, path) = path.split_once("/sales/").with_context(|| format!("{path}: what?"))?;
        let (_, path) = path.split_once('/').with_context(|| format!("{path}: what?"))?;
        match (&head.method, path) {
            (&Method::POST, "places") => self.join().await,
            (&Method::GET, "places/me") => self.poll(token_of(&head)?.parse()?).await,
            // Everybody is called at once.
            (&Method::POST, "passes") => {
                Ok(self.join.with(padded(format!(r#"{{"token":"{}"}}"#, token_of(&head)?), 0)))
            }
            (&Method::POST, "baskets") => self.hold(body).await,
            (&Method::DELETE, path) => self.release(path).await,
            (method, path) => bail!("{method} {path}: what?"),
        }
    }

    async fn join(&self) -> anyhow::Result<Response<Full<Bytes>>> {
        let number = match &self.store {
            Store::SortedSet(set) => set.join().await?,
            Store::Statements(statements) => statements.join().await?.into(),
        };
        let body = format!(r#"{{"number":{number},"token":"{number}"}}"#);
        Ok(self.join.with(padded(body, self.join.body.len())))
    }

    async fn poll(&self, number: i32) -> anyhow::Result<Response<Full<Bytes>>> {
        let position = match &self.store {
            Store::SortedSet(set) => set.position(number).await?,
            Store::Statements(statements) => statements.position(number).await?,
        };
        let body = format!(r#"{{"number":{number},"position":{position}}}"#);
        Ok(self.poll.with(padded(body, self.poll.body.len())))
    }

    async fn hold(&self, body: Incoming) -> anyhow::Result<Response<Full<Bytes>>> {
        let body = body.collect().await?.to_bytes();
        let asked: serde_json::Value = serde_json::from_slice(&body)?;
        let units = asked["items"][0]["units"].as_u64().context("units of a pool")?;
        let basket = format!("{:032x}", rand::random::<u128>());
        self.holds()?.hold(&basket, units).await?;
        let body = format!(r#"{{"id":"{basket}"}}"#);
        Ok(self.hold.with(padded(body, self.hold.body.len())))
    }

    async fn release(&self, path: &str) -> anyhow::Result<Response<Full<Bytes>>> {
        let basket = path.strip_prefix("baskets/").context("the path of a basket")?;
        self.holds()?.release(basket).await?;
        Ok(self.release.with(Bytes::new()))
    }

    fn holds(&self) -> anyhow::Result<&SortedSet> {
        match &self.store {
            Store::SortedSet(set) => Ok(set),
            Store::Statements(_) => bail!("nothing is held by the statements of 2015"),
        }
    }
}

fn token_of(head: &Parts) -> anyhow::Result<&str> {
    let header = head.headers.get(AUTHORIZATION).context("a token")?;
    header.to_str()?.strip_prefix("Bearer ").context("a bearer token")
}

/// JSON with spaces behind, to be as long as the real server's.
fn padded(mut body: String, bytes: usize) -> Bytes {
    body.extend(std::iter::repeat_n(' ', bytes.saturating_sub(body.len())));
    Bytes::from(body)
}
