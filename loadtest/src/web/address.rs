//! Where a server is: the parts of its address that a client needs; and which of two addresses
//! serves, where another server stands by.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use http::Uri;
use http::uri::Authority;

/// A server's address, found.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// Whether it speaks TLS.
    pub(super) secure: bool,
    /// Host and port as requests name them.
    pub(super) authority: Authority,
    /// Where to connect.
    pub(super) socket: SocketAddr,
}

impl Address {
    /// Reads an `http://` or `https://` address and looks up its host.
    ///
    /// # Errors
    /// If it is none, has a path, or its host is unknown.
    pub(super) fn read(url: &str) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("{url} is no address"))?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => anyhow::bail!("{url}: an address begins with http:// or https://"),
        };
        anyhow::ensure!(uri.path() == "/" && uri.query().is_none(), "{url}: no path, please");
        let authority = uri.authority().cloned().with_context(|| format!("{url} has no host"))?;
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let host = host(&authority);
        let mut found =
            (host, port).to_socket_addrs().with_context(|| format!("{host}: look-up"))?;
        let socket = found.next().with_context(|| format!("{host} has no address"))?;
        Ok(Self { secure, authority, socket })
    }

    /// The host that a certificate must name.
    pub(super) fn host(&self) -> &str {
        host(&self.authority)
    }
}

/// The servers of one sale, of which one serves at a time. Everybody goes to the one that served
/// last, until it does not.
#[derive(Debug)]
pub(super) struct Sides {
    all: Vec<Address>,
    /// Relaxed throughout: a hint where to ask, which guards nothing.
    serving: AtomicUsize,
}

/// One of the sides.
pub(super) type Side = usize;

impl Sides {
    /// Reads the address of each.
    ///
    /// # Errors
    /// As [`Address::read`]; or if there is none, or only some of them speak TLS.
    pub(super) fn read(urls: &[impl AsRef<str>]) -> anyhow::Result<Self> {
        let all: anyhow::Result<Vec<_>> =
            urls.iter().map(|url| Address::read(url.as_ref())).collect();
        let all = all?;
        let first = all.first().context("where is the server?")?;
        let alike = all.iter().all(|address| address.secure == first.secure);
        anyhow::ensure!(alike, "TLS at all addresses or at none");
        Ok(Self { all, serving: AtomicUsize::new(0) })
    }

    /// Whether they speak TLS.
    pub(super) fn secure(&self) -> bool {
        self.all.iter().any(|address| address.secure)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// The one to ask.
    pub(super) fn serving(&self) -> Side {
        self.serving.load(Ordering::Relaxed)
    }

    /// Where a side is.
    pub(super) fn address(&self, side: Side) -> &Address {
        &self.all[side]
    }

    /// This one does not serve: the next one is asked from now on. Of many who find that out at
    /// once, the first has a say.
    pub(super) fn leave(&self, side: Side) {
        let next = (side + 1) % self.all.len();
        // Somebody else was faster, and that is as good.
        let _ = self.serving.compare_exchange(side, next, Ordering::Relaxed, Ordering::Relaxed);
    }
}

impl Clone for Sides {
    fn clone(&self) -> Self {
        Self { all: self.all.clone(), serving: AtomicUsize::new(self.serving()) }
    }
}

/// The host without the brackets of IPv6.
fn host(authority: &Authority) -> &str {
    let host = authority.host();
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_a_host_and_perhaps_a_port() {
        let plain = Address::read("http://127.0.0.1:8080").expect("an address");
        assert!(!plain.secure);
        assert_eq!(plain.socket, SocketAddr::from(([127, 0, 0, 1], 8080)));
        let secure = Address::read("https://[::1]/").expect("an address");
        assert!(secure.secure && secure.socket.port() == 443 && secure.host() == "::1");
        for wrong in ["", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "http://127.0.0.1/x"] {
            assert!(Address::read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn many_who_leave_a_side_at_once_go_to_the_other_one() {
        let one = Sides::read(&["http://127.0.0.1:1"]).expect("an address");
        one.leave(0);
        assert_eq!(one.serving(), 0, "there is no other");
        let sides = Sides::read(&["http://127.0.0.1:1", "http://127.0.0.1:2"]);
        let sides = sides.expect("two addresses");
        (0..3).for_each(|_| sides.leave(0));
        assert_eq!(sides.serving(), 1);
        sides.leave(1);
        assert_eq!(sides.address(sides.serving()).socket.port(), 1);
        assert!(Sides::read(&["http://127.0.0.1:1", "https://127.0.0.1:2"]).is_err());
        assert!(Sides::read(&[] as &[&str]).is_err());
    }
}
