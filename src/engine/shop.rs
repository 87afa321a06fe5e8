//! Whether the shop can serve whoever is called: told by the gate in front, asked by the rules.
//!
//! An outside condition like the presence of visitors: never journaled, unknown after each start.
//! What nobody watches over holds nothing back.

use std::sync::atomic::{AtomicU8, Ordering};

/// How the shop does, as the newest look at it says. Written by the gate, read by everybody.
#[derive(Debug, Default)]
pub struct Shop(AtomicU8);

/// How a shop does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum ShopState {
    /// Nobody watches over it: it is not behind us, or was not asked yet.
    #[default]
    Unwatched,
    /// It answers in time.
    Well,
    /// It answers, slowly.
    Slow,
    /// It turned requests away for want of room a moment ago.
    Crowded,
    /// It does not answer.
    Down,
}

impl ShopState {
    const ALL: [Self; 5] = [Self::Unwatched, Self::Well, Self::Slow, Self::Crowded, Self::Down];

    /// Whether visitors are called. A slow shop is served on: some shops are always slow, and would
    /// never be sold out; and by how much fewer visitors would make it quicker, nobody here knows.
    pub fn serves(self) -> bool {
        match self {
            Self::Unwatched | Self::Well | Self::Slow => true,
            Self::Crowded | Self::Down => false,
        }
    }

    /// The stable name; `None` if nobody watches.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Unwatched => None,
            Self::Well => Some("well"),
            Self::Slow => Some("slow"),
            Self::Crowded => Some("crowded"),
            Self::Down => Some("down"),
        }
    }
}

// Relaxed throughout: the state guards no data, and one that is a moment old does no harm.
impl Shop {
    /// How it does.
    pub fn state(&self) -> ShopState {
        let at = self.0.load(Ordering::Relaxed);
        ShopState::ALL.get(usize::from(at)).copied().unwrap_or_default()
    }

    /// Tells how it does.
    pub fn tell(&self, state: ShopState) {
        self.0.store(state as u8, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_while_the_shop_is_down_or_crowded_and_a_slow_one_is_served_on() {
        let shop = Shop::default();
        assert_eq!((shop.state(), shop.state().serves()), (ShopState::Unwatched, true));
        for (state, serves) in ShopState::ALL.into_iter().zip([true, true, true, false, false]) {
            shop.tell(state);
            assert_eq!((shop.state(), shop.state().serves()), (state, serves));
        }
    }
}
