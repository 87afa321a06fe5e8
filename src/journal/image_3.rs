//! The image of format 3, from before a sale could be mirrored. Read for good, never written.

use std::sync::Arc;

use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::image::Image;
use stanchion_domain::sale::operations::Operations;

use super::codec::{Input, Malformed, Wire};

/// The format.
pub(super) const FORMAT: u16 = 3;

/// Reads an image.
pub(super) fn take(from: &mut Input<'_>) -> Result<Image, Malformed> {
    let definition = Arc::<Definition>::take(from)?;
    let operations = Operations::take(from)?;
    after_operations(definition, operations, from)
}

/// Reads what follows the operations, field by field in their order.
pub(super) fn after_operations(
    definition: Arc<Definition>,
    operations: Operations,
    from: &mut Input<'_>,
) -> Result<Image, Malformed> {
    Ok(Image {
        definition,
        operations,
        line: Wire::take(from)?,
        pace: Wire::take(from)?,
        passes: Wire::take(from)?,
        baskets: Wire::take(from)?,
        withheld: Wire::take(from)?,
        reports: Vec::new(),
        answers: Wire::take(from)?,
        now: Wire::take(from)?,
        marked_at: Wire::take(from)?,
        grace_until: Wire::take(from)?,
        resumed_at: Wire::take(from)?,
    })
}
