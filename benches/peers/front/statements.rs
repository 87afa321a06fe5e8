//! A queue as the statements of 2015 on PostgreSQL: say who is still there, count who is ahead.
//!
//! Each request has a connection to itself; both statements of a poll are sent at once. What a
//! connection acknowledges is on the disk, as PostgreSQL ships.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};

/// Connections, as many as requests are under way.
const CONNECTIONS: usize = 32;
const JOIN: &str =
    "INSERT INTO visitors (waiting, last_seen) VALUES (true, now()) RETURNING number";
const SEEN: &str = "UPDATE visitors SET last_seen = now() WHERE number = $1";
/// With the lock hint: whoever counts waits for nobody.
pub(crate) const AHEAD: &str = "SELECT count(*) FROM visitors WHERE number < $1 AND waiting";
/// Without it: whoever counts waits for those who write. See visitors.sql.
pub(crate) const AHEAD_LOCKED: &str = "SELECT ahead_of($1)";

/// The queue.
pub(crate) struct Statements {
    connections: Vec<Connection>,
    /// Which of them nobody uses, and as many permits.
    idle: Mutex<Vec<usize>>,
    permits: Semaphore,
}

/// A connection that knows its statements.
struct Connection {
    client: Client,
    join: Statement,
    seen: Statement,
    ahead: Statement,
}

/// One use of a connection, which is idle again at its end.
struct Turn<'a> {
    statements: &'a Statements,
    at: usize,
    _permit: SemaphorePermit<'a>,
}

impl Statements {
    /// `address`: host, port and names, as libpq writes them.
    pub(crate) async fn open(address: &str, ahead: &str) -> anyhow::Result<Self> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
            tokio::spawn(connection);
            let (join, seen) = (client.prepare(JOIN).await?, client.prepare(SEEN).await?);
            let ahead = client.prepare(ahead).await?;
            connections.push(Connection { client, join, seen, ahead });
        }
        let idle = Mutex::new((0..CONNECTIONS).collect());
        Ok(Self { connections, idle, permits: Semaphore::new(CONNECTIONS) })
    }

    /// Stands at the end, for good: the number.
    pub(crate) async fn join(&self) -> anyhow::Result<i32> {
        let turn = self.turn().await?;
        let at = &self.connections[turn.at];
        Ok(at.client.query_one(&at.join, &[]).await?.try_get(0)?)
    }

    /// Is still there. How many are ahead.
    pub(crate) async fn position(&self, number: i32) -> anyhow::Result<i64> {
        let turn = self.turn().await?;
        let at = &self.connections[turn.at];
        let number: &[&(dyn ToSql + Sync)] = &[&number];
        let seen = at.client.execute(&at.seen, number);
        let (_, ahead) = tokio::try_join!(seen, at.client.query_one(&at.ahead, number))?;
        Ok(ahead.try_get(0)?)
    }

    async fn turn(&self) -> anyhow::Result<Turn<'_>> {
        let permit = self.permits.acquire().await?;
        let at = self.idle().pop().context("a permit stands for an idle connection")?;
        Ok(Turn { statements: self, at, _permit: permit })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<usize>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.statements.idle().push(self.at);
    }
}
