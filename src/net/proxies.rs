//! Proxies in front of us that are believed about who asks.
//!
//! A load balancer opens all connections itself, and says in `X-Forwarded-For` for whom: each proxy
//! appends the address that it saw. So what counts is the last address that none of ours wrote
//! about itself; whatever a visitor puts in front of it is ignored. Nobody else's header is read.

use std::net::IpAddr;
use std::str::FromStr;

use http::{HeaderMap, HeaderName};

/// The header that a proxy adds to.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Addresses that are looked at, from the last one on: more proxies stand in no chain.
const HOPS_MAX: usize = 8;

/// Addresses with the same first bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// Whose word is taken for who asks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proxies(Vec<Network>);

impl Proxies {
    /// Believes these.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether this is one of them.
    pub fn know(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
    }

    /// Who asks by a request that one of them sent: the nearest address that is none of theirs.
    /// `None` if there is no such address, or what stands there is none.
    pub fn asker(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
        let texts = lines.iter().rev().map(|line| line.to_str().ok());
        let hops = texts.flat_map(|text| text.unwrap_or("?").rsplit(',')).take(HOPS_MAX);
        for hop in hops {
            let address = address_of(hop.trim())?;
            if !self.know(address) {
                return Some(address);
            }
        }
        None
    }
}

/// An address, perhaps with its port.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| Some(rest.split_once(']')?.0));
    let socket = || text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
    bare.unwrap_or(text).parse().ok().or_else(socket)
}

impl Network {
    /// Whether an address is one of them.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let differ = match (self.address, address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                (one.to_bits() ^ other.to_bits()).leading_zeros()
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => {
                (one.to_bits() ^ other.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        differ >= self.bits
    }
}

impl FromStr for Network {
    type Err = &'static str;

    /// `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| "is no address of IPv4 or IPv6")?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most));
        let bits = bits.ok_or("has no such length: 0 to 32 bits of IPv4, 0 to 128 of IPv6")?;
        Ok(Self { address, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn ours() -> Proxies {
        Proxies::new(["10.0.0.0/8", "2001:db8::7"].map(|text| text.parse().unwrap()).to_vec())
    }

    #[test]
    fn networks_are_read_and_hold_their_addresses() {
        let known = |text: &str| ours().know(text.parse().unwrap());
        assert!(known("10.255.0.1") && known("2001:db8::7") && known("::ffff:10.1.2.3"));
        assert!(!known("11.0.0.1") && !known("2001:db8::8"));
        for wrong in ["", "ten", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        let all = Proxies::new(vec!["0.0.0.0/0".parse().unwrap()]);
        assert!(all.know("198.51.100.9".parse().unwrap()) && !all.know("::1".parse().unwrap()));
    }

    #[test]
    fn the_last_address_that_is_none_of_ours_is_who_asks() {
        for (lines, wanted) in [
            (&["203.0.113.5"][..], Some("203.0.113.5")),
            (&["1.1.1.1, 203.0.113.5, 10.0.0.2"], Some("203.0.113.5")),
            (&["1.1.1.1", "203.0.113.5", "10.0.0.2, 10.0.0.3"], Some("203.0.113.5")),
            (&["[2001:db8:1::5]:443"], Some("2001:db8:1::5")),
            (&["203.0.113.5:8080"], Some("203.0.113.5")),
            (&["203.0.113.5, unknown"], None),
            (&["203.0.113.5, "], None),
            (&["10.0.0.2"], None),
            (
                &["203.0.113.5, 10.0.0.1, 10.0.0.1, 10.0.0.1, 10.0.0.1, 10.0.0.1, 10.0.0.1, \
                10.0.0.1, 10.0.0.1"],
                None,
            ),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
            }
            let wanted: Option<IpAddr> = wanted.map(|text| text.parse().unwrap());
            assert!(ours().asker(&headers) == wanted, "{lines:?}");
        }
    }
}
