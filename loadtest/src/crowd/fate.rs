//! What became of a person.

use serde::{Deserialize, Serialize};

/// How somebody's evening ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// With an order.
    Ordered,
    /// With an order, though they paid after their time.
    OrderedLate,
    /// They paid, and the order was refused: the money goes back.
    OrderRefused,
    /// They paid, and nobody ever said whether it is an order.
    OrderUnknown,
    /// Closed the window with a basket.
    WalkedAway,
    /// Gave the basket back and left.
    Left,
    /// Closed the window on the card page, or had no way to pay.
    WalkedAwayFromCard,
    /// Gave the basket back on the card page.
    CancelledOnCard,
    /// The basket's time ran out under their hands.
    RanOut,
    /// Were refused as often as they were ready to be.
    RefusedAll,
    /// Nothing was left, nor could come back.
    SoldOut,
    /// Gave up waiting.
    GaveUp,
    /// Were away when they were called.
    NoShow,
    /// Were sent to another page.
    SentAway,
    /// Came when the sale was closed.
    TooLate,
    /// Were told that their place or their pass is over.
    Ended,
    /// Only connected.
    Ghost,
    /// Got no answer for longer than anybody waits.
    LostPatience,
    /// Were told something that the interface does not promise.
    Misled,
    /// The run ended first.
    Stopped,
}
