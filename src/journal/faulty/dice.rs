//! Chance under a seed: the same seed throws the same, on every machine and in every version.

/// SplitMix64 (Steele, Lea and Flood 2014): one addition and one mixing a throw.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice that this seed determines.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Any number.
    pub fn throw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0. The slight bias towards low ones does not matter here.
    pub fn below(&mut self, end: u64) -> u64 {
        self.throw() % end
    }

    /// A number up to `most`, every magnitude as likely as every other, and so the ends too.
    pub fn number(&mut self, most: u64) -> u64 {
        let size = self.throw() >> self.below(64);
        if self.below(16) == 0 { most } else { size & most }
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = usize::try_from(self.below(from.len() as u64)).expect("below a length");
        from[at]
    }
}
