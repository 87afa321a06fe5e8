//! What signs for a running server: exchanged as one, while requests are answered.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use thiserror::Error;

use super::jwt::PassSigner;
use super::keys::KeyRing;

/// The ring that is used now, and what follows from it.
pub struct Signers(ArcSwap<Signing>);

/// One ring.
pub struct Signing {
    /// Tokens of visitors.
    pub ring: KeyRing,
    /// Passes for shops that check them by themselves.
    pub passes: PassSigner,
}

/// A ring that would refuse everybody who is here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the key that signs now is not in it: a rotation adds a key and keeps the others")]
pub struct Stranger;

impl Signers {
    /// Signs with this ring.
    pub fn new(ring: KeyRing) -> Self {
        Self(ArcSwap::from_pointee(Signing::of(ring)))
    }

    /// What signs now.
    pub fn now(&self) -> Guard<Arc<Signing>> {
        self.0.load()
    }

    /// Signs with another ring from now on.
    ///
    /// # Errors
    /// [`Stranger`], and nothing has changed.
    pub fn exchange(&self, ring: KeyRing) -> Result<(), Stranger> {
        if !ring.believes(&self.now().ring) {
            return Err(Stranger);
        }
        self.0.store(Arc::new(Signing::of(ring)));
        Ok(())
    }
}

impl Signing {
    fn of(ring: KeyRing) -> Self {
        Self { passes: PassSigner::new(&ring), ring }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_exchanged_for_one_that_knows_the_key_that_signs_and_for_no_other() {
        let ring = KeyRing::new();
        let signers = Signers::new(ring.clone());
        assert_eq!(signers.exchange(KeyRing::new()), Err(Stranger), "the same id is no key");
        assert_eq!(signers.now().ring.text(), ring.text());
        let rotated = ring.rotated().rotated();
        assert_eq!(signers.exchange(rotated.clone()), Ok(()));
        assert_eq!(signers.now().ring.text(), rotated.text());
    }
}
