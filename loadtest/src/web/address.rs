//! Where a server is: the parts of its address that a client needs.

use std::net::{SocketAddr, ToSocketAddrs};

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
}
