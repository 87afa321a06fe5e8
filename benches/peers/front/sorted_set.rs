//! A queue as a sorted set of Redis, and holds as a script.
//!
//! A visitor joins with one ZADD and asks with one ZRANK: that anybody was seen is not stored. All
//! requests share few connections, so that commands which come together are written together, and
//! Redis syncs its file once for them.

use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Script, cmd};

/// Connections to Redis. One reader, one writer each; Redis itself has one thread for all.
const CONNECTIONS: usize = 2;
/// Longer than any answer takes beside a slow disk. The client's own default is 500 ms.
const PATIENCE: Duration = Duration::from_secs(30);
/// Units of the pool.
const CAPACITY: u64 = 1_000_000;
/// An instant that is not reached while this runs.
const DEADLINE_MS: u64 = 1_900_000_000_000;

/// The queue and the pool.
pub(crate) struct SortedSet {
    connections: Vec<MultiplexedConnection>,
    next: AtomicUsize,
    /// The newest number: this program is the only one that gives any.
    numbers: AtomicI32,
    script: Script,
}

impl SortedSet {
    pub(crate) async fn open(address: &str) -> anyhow::Result<Self> {
        let client = Client::open(format!("redis://{address}"))?;
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE));
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(client.get_multiplexed_async_connection_with_config(&config).await?);
        }
        let script = Script::new(include_str!("../hold.lua"));
        let numbers = cmd("ZCARD").arg("queue").query_async(&mut connections[0]).await?;
        let next = AtomicUsize::new(0);
        Ok(Self { connections, next, numbers: AtomicI32::new(numbers), script })
    }

    /// Stands at the end, for good: the number.
    pub(crate) async fn join(&self) -> anyhow::Result<i64> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        let mut join = cmd("ZADD");
        join.arg("queue").arg(number).arg(number);
        let added: i64 = join.query_async(&mut self.connection()).await?;
        ensure!(added == 1, "{number} was given twice");
        Ok(number.into())
    }

    /// How many are ahead.
    pub(crate) async fn position(&self, number: i32) -> anyhow::Result<i64> {
        let mut rank = cmd("ZRANK");
        rank.arg("queue").arg(number);
        let position: Option<i64> = rank.query_async(&mut self.connection()).await?;
        position.with_context(|| format!("{number} does not wait"))
    }

    pub(crate) async fn hold(&self, basket: &str, units: u64) -> anyhow::Result<()> {
        self.run(basket, &[units, DEADLINE_MS, CAPACITY]).await
    }

    pub(crate) async fn release(&self, basket: &str) -> anyhow::Result<()> {
        self.run(basket, &[0]).await
    }

    async fn run(&self, basket: &str, arguments: &[u64]) -> anyhow::Result<()> {
        let mut call = self.script.key("pool");
        call.key("deadlines").key(basket).arg(arguments);
        let taken: i64 = call.invoke_async(&mut self.connection()).await?;
        ensure!(taken >= 0, "declined: {taken}");
        Ok(())
    }

    fn connection(&self) -> MultiplexedConnection {
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        self.connections[at].clone()
    }
}
