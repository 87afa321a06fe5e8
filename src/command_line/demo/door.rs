//! One address in front of two servers: whoever comes is led to the one that writes.
//!
//! Plays the part of a load balancer, as simply as can be: it forwards bytes and never looks at
//! them. While nobody writes, whoever comes waits at the door for a while. When another one writes,
//! connections to the former one are closed; who asked over them asks again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Connections at once: the crowd's, the shop's, and those of some browsers. Each is two sockets
/// and 16 KiB.
const CONNECTIONS_MAX: usize = 1_024;
/// How long somebody waits for a writer: less than clients wait for an answer.
const WAIT_SPAN: Duration = Duration::from_secs(8);
/// After accept failed for want of descriptors.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Where one listener of whoever writes is; nowhere while nobody does.
pub(super) type LeadsTo = watch::Receiver<Option<SocketAddr>>;

/// A door with an address, not yet open.
pub(super) struct Door(TcpListener);

impl Door {
    /// Takes an address; port 0 takes a free one.
    pub(super) async fn bind(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await;
        Ok(Self(listener.with_context(|| format!("cannot listen on {address}"))?))
    }

    pub(super) fn address(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Leads people in until `stop` is cancelled; then nobody is inside any more.
    pub(super) async fn run(self, leads_to: LeadsTo, stop: CancellationToken) {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut inside = JoinSet::new();
        let accept = async {
            loop {
                let place = Arc::clone(&room).acquire_owned().await.expect("never closed");
                match self.0.accept().await {
                    Ok((client, _)) => {
                        let leads_to = leads_to.clone();
                        inside.spawn(async move {
                            lead(client, leads_to).await;
                            drop(place);
                        });
                    }
                    Err(_) => sleep(ACCEPT_BACKOFF).await,
                }
                while inside.try_join_next().is_some() {}
            }
        };
        stop.run_until_cancelled(accept).await;
    }
}

/// Leads one connection in. Whoever is not served sees it closed, and asks again.
async fn lead(mut client: TcpStream, mut leads_to: LeadsTo) {
    let there = timeout(WAIT_SPAN, leads_to.wait_for(Option::is_some)).await;
    let Some(to) = there.ok().and_then(|there| *there.ok()?) else { return };
    let Ok(mut server) = TcpStream::connect(to).await else { return };
    if client.set_nodelay(true).and(server.set_nodelay(true)).is_err() {
        return;
    }
    tokio::select! {
        // Either side may break it off.
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = leads_to.wait_for(|now| *now != Some(to)) => {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A server that says one letter to whoever comes, and keeps the connection open.
    async fn says(letter: u8) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                socket.write_all(&[letter]).await.expect("it is read");
                kept.push(socket);
            }
        });
        address
    }

    #[tokio::test]
    async fn whoever_comes_is_led_to_the_writer_and_away_from_a_former_one() {
        let (one, two) = (says(b'1').await, says(b'2').await);
        let (leads, leads_to) = watch::channel(None);
        let door = Door::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
        let (address, stop) = (door.address().expect("an address"), CancellationToken::new());
        let open = tokio::spawn(door.run(leads_to, stop.clone()));
        let mut early = TcpStream::connect(address).await.expect("the door is there");
        leads.send_replace(Some(one));
        assert_eq!(early.read_u8().await.expect("it waited"), b'1');
        leads.send_replace(None);
        assert!(early.read_u8().await.is_err(), "the writer is gone");
        leads.send_replace(Some(two));
        let mut late = TcpStream::connect(address).await.expect("the door is there");
        assert_eq!(late.read_u8().await.expect("another one writes"), b'2');
        stop.cancel();
        open.await.expect("it ends");
        assert!(late.read_u8().await.is_err(), "the door is closed");
    }
}
