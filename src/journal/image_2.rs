//! The image of format 2, from before operators could say whether to call for what is left, and
//! when a notice ends. Read for good, never written.

use std::collections::VecDeque;
use std::sync::Arc;

use stanchion_domain::board::trigger::{Notice, Trigger};
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::image::Image;
use stanchion_domain::sale::operations::{Audit, Operations, Phase};

use super::codec::{Input, Malformed, Wire, fields};
use super::image_3;

/// The format.
pub(super) const FORMAT: u16 = 2;

/// What operators set, as it was then.
struct OperationsBefore {
    phase: Phase,
    calling_paused: bool,
    frozen: bool,
    cap: u32,
    pace_per_minute: u32,
    notice: Option<Notice>,
    redirect: Option<String>,
    triggers: Vec<(Trigger, bool)>,
    revision: u64,
    audit: VecDeque<Audit>,
}

fields! {
    OperationsBefore {
        phase: Phase,
        calling_paused: bool,
        frozen: bool,
        cap: u32,
        pace_per_minute: u32,
        notice: Option<Notice>,
        redirect: Option<String>,
        triggers: Vec<(Trigger, bool)>,
        revision: u64,
        audit: VecDeque<Audit>,
    }
}

/// Reads an image.
pub(super) fn take(from: &mut Input<'_>) -> Result<Image, Malformed> {
    let definition = Arc::<Definition>::take(from)?;
    let operations = OperationsBefore::take(from)?.under(&definition);
    image_3::after_operations(definition, operations, from)
}

impl OperationsBefore {
    /// The definition alone said whether to call for what is left, and no notice had an end.
    fn under(self, definition: &Definition) -> Operations {
        Operations {
            phase: self.phase,
            calling_paused: self.calling_paused,
            frozen: self.frozen,
            cap: self.cap,
            pace_per_minute: self.pace_per_minute,
            call_for_what_is_left: definition.policy.call_for_what_is_left,
            notice: self.notice,
            notice_until: None,
            redirect: self.redirect,
            triggers: self.triggers,
            revision: self.revision,
            audit: self.audit,
        }
    }
}
