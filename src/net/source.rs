//! Where a connection comes from, and how many of something are open: in total and of one source.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use super::limits::CROWDED_EIGHTHS;
/// Who shares one allowance: an IPv4 address, or the /64 that a household has of IPv6.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// One address.
    V4(u32),
    /// The upper half of an address.
    V6(u64),
}

impl Source {
    /// The source of an address; an IPv4 address written as IPv6 is IPv4.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => {
                Self::V6(u64::try_from(address.to_bits() >> 64).unwrap_or_default())
            }
        }
    }
}

/// An address is a personal datum: it is not printed.
impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Source(…)")
    }
}

/// Counts what is open: the connections of one listener, or the event streams of all. Bounded by
/// itself: a source is kept only while it has something open.
#[derive(Debug)]
pub struct Ledger {
    total: AtomicUsize,
    total_max: usize,
    by_source: DashMap<Source, usize>,
    by_source_max: usize,
}

/// Where there is no room for one more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoRoom {
    /// As many are open as may be.
    InTotal,
    /// This source has as many as one may have.
    OfSource,
}

/// The right to one open connection or stream; given back when dropped.
#[derive(Debug)]
pub struct Permit {
    ledger: Arc<Ledger>,
    /// None: counted in total alone.
    source: Option<Source>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new(total_max: usize, by_source_max: usize) -> Arc<Self> {
        Arc::new(Self {
            total: AtomicUsize::new(0),
            total_max,
            by_source: DashMap::new(),
            by_source_max,
        })
    }

    /// Admits one more.
    ///
    /// # Errors
    /// Where there is no room.
    pub fn admit(self: &Arc<Self>, source: Source) -> Result<Permit, NoRoom> {
        // Relaxed: the count guards no data, and a few too many at once do no harm.
        if self.total.load(Ordering::Relaxed) >= self.total_max {
            return Err(NoRoom::InTotal);
        }
        let mut open = self.by_source.entry(source).or_default();
        if *open >= self.by_source_max {
            return Err(NoRoom::OfSource);
        }
        *open += 1;
        drop(open);
        self.total.fetch_add(1, Ordering::Relaxed);
        Ok(Permit { ledger: Arc::clone(self), source: Some(source) })
    }

    /// Admits one more of somebody who asks for many others.
    ///
    /// # Errors
    /// If there is no room in total.
    pub fn admit_proxy(self: &Arc<Self>) -> Result<Permit, NoRoom> {
        // Relaxed: as above.
        if self.total.load(Ordering::Relaxed) >= self.total_max {
            return Err(NoRoom::InTotal);
        }
        self.total.fetch_add(1, Ordering::Relaxed);
        Ok(Permit { ledger: Arc::clone(self), source: None })
    }

    /// Whether connections should not be kept for a next request.
    pub fn crowded(&self) -> bool {
        self.open() * 8 >= self.total_max * CROWDED_EIGHTHS
    }

    /// How many are open now.
    pub fn open(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.ledger.total.fetch_sub(1, Ordering::Relaxed);
        let Some(source) = self.source else { return };
        if let Entry::Occupied(mut open) = self.ledger.by_source.entry(source) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::of(text.parse().expect("an address"))
    }

    #[test]
    fn a_household_of_ipv6_is_one_source_and_an_ipv4_address_is_one_however_written() {
        assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
        assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
        assert_eq!(source("::ffff:192.0.2.7"), source("192.0.2.7"));
        assert_ne!(source("192.0.2.7"), source("192.0.2.8"));
    }

    #[test]
    fn a_source_that_reached_its_limit_is_admitted_again_when_one_closes() {
        let ledger = Ledger::new(10, 2);
        let (one, other) = (source("192.0.2.1"), source("192.0.2.2"));
        let first = ledger.admit(one).expect("room");
        let _second = ledger.admit(one).expect("room");
        assert_eq!(ledger.admit(one).err(), Some(NoRoom::OfSource));
        let _third = ledger.admit(other).expect("another source has its own");
        drop(first);
        assert!(ledger.admit(one).is_ok());
    }

    #[test]
    fn the_ledger_forgets_sources_without_connections_and_keeps_the_total() {
        let ledger = Ledger::new(8, 8);
        let permits: Vec<_> =
            (0..8_u32).map(|host| ledger.admit(Source::V4(host)).expect("room")).collect();
        assert!(ledger.crowded());
        assert_eq!(ledger.admit(Source::V4(99)).err(), Some(NoRoom::InTotal));
        drop(permits);
        assert_eq!((ledger.open(), ledger.by_source.len()), (0, 0));
        assert!(!ledger.crowded());
    }
}
