//! What the rules ask of the world: of the places that readers share, and of the shop.

use stanchion_domain::id::Number;
use stanchion_domain::queue::places::Places;
use stanchion_domain::sale::Presence;
use stanchion_domain::time::SaleTime;

use super::shop::Shop;

/// The places and the shop, as the rules see them.
pub(super) struct Seen<'a>(pub(super) &'a Places, pub(super) &'a Shop);

impl Presence for Seen<'_> {
    fn seen_at(&self, number: Number) -> Option<SaleTime> {
        self.0.seen_at(number)
    }

    fn seen_near(&self, number: Number) -> Option<SaleTime> {
        self.0.seen_near(number)
    }

    fn issued(&self) -> u32 {
        self.0.issued()
    }

    fn shop_serves(&self) -> bool {
        self.1.state().serves()
    }
}
