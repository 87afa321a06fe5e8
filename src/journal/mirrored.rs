//! The definition of a mirrored sale in the journal: how it is mirrored stands before all else.
//!
//! Definitions were recorded before any sale was mirrored, and say nothing of it. So a record says
//! by its tag that one follows which does ([`Mirrored`]), and an image says it each time
//! ([`Defined`]).

use std::sync::Arc;

use stanchion_domain::sale::definition::{Definition, Mirror};

use super::codec::{Input, Malformed, Wire};

/// A definition of a mirrored sale.
pub(super) struct Mirrored(pub(super) Arc<Definition>);

/// Any definition.
pub(super) struct Defined(pub(super) Arc<Definition>);

impl Mirrored {
    /// Whether a definition has this form.
    pub(super) fn needed(definition: &Definition) -> bool {
        definition.mirrored()
    }
}

impl Wire for Mirrored {
    const LEAST: usize = Mirror::LEAST + Definition::LEAST;

    fn put(&self, out: &mut Vec<u8>) {
        self.0.mirror.as_ref().expect("it is mirrored").put(out);
        self.0.put(out);
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        let mirror = Some(Mirror::take(from)?);
        Ok(Self(Arc::new(Definition { mirror, ..Definition::take(from)? })))
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        let mirror = Some(Mirror::sample(dice));
        Self(Arc::new(Definition { mirror, ..Definition::sample(dice) }))
    }
}

impl Wire for Defined {
    const LEAST: usize = 1 + Definition::LEAST;

    fn put(&self, out: &mut Vec<u8>) {
        self.0.mirror.put(out);
        self.0.put(out);
    }

    fn take(from: &mut Input<'_>) -> Result<Self, Malformed> {
        let mirror = <Option<Mirror> as Wire>::take(from)?;
        Ok(Self(Arc::new(Definition { mirror, ..Definition::take(from)? })))
    }

    #[cfg(test)]
    fn sample(dice: &mut super::faulty::dice::Dice) -> Self {
        let mirror = Option::<Mirror>::sample(dice);
        Self(Arc::new(Definition { mirror, ..Definition::sample(dice) }))
    }
}
