//! What triggers may watch and do, and what notices and addresses may say.

use super::ops::{Verdict, at_most, require};
use crate::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use crate::limits;
use crate::refusal::Code;
use crate::sale::definition::Definition;
use crate::time::WallTime;

/// Refuses a trigger that watches what a sale of this definition does not have, or does nothing, or
/// too much.
pub(super) fn check_trigger(definition: &Definition, trigger: &Trigger) -> Verdict {
    let named = !trigger.id.is_empty() && trigger.id.len() <= limits::ID_BYTES_MAX;
    require(named, Code::Invalid { what: "trigger id" })?;
    let known = match trigger.scope {
        Scope::Sale => true,
        Scope::Performance(performance) => performance.at() < definition.performances.len(),
        Scope::Zone(zone) => zone.at() < definition.zones.len(),
    };
    require(known, Code::NotFound { what: "trigger scope" })?;
    if let Condition::SoldAtLeastPermille(share) = trigger.condition {
        require(share <= 1_000, at_most("share_permille", 1_000))?;
    }
    require(!trigger.deeds.is_empty(), Code::Invalid { what: "trigger without deeds" })?;
    let most = limits::DEEDS_PER_TRIGGER_MAX;
    require(trigger.deeds.len() <= most, at_most("deeds_per_trigger", most as u32))?;
    trigger.deeds.iter().try_for_each(|deed| match deed {
        Deed::PostNotice(notice) => check_notice(notice),
        Deed::PostNoticeUntil { notice, until } => {
            check_notice(notice).and_then(|()| check_end(trigger.condition, *until))
        }
        Deed::Redirect(url) => check_url(url),
        Deed::StopCalling => Ok(()),
    })
}

/// A notice that comes at a time and goes at another goes later than it comes.
fn check_end(condition: Condition, until: WallTime) -> Verdict {
    let later = !matches!(condition, Condition::TimeReached(at) if until <= at);
    require(later, Code::Invalid { what: "end of a notice before its time" })
}

pub(super) fn check_notice(notice: &Notice) -> Verdict {
    let most = limits::NOTICE_LANGUAGES_MAX;
    require(!notice.texts.is_empty(), Code::Invalid { what: "notice without text" })?;
    require(notice.texts.len() <= most, at_most("notice_languages", most as u32))?;
    for (language, text) in &notice.texts {
        let tag = !language.is_empty()
            && language.len() <= 35
            && language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        require(tag, Code::Invalid { what: "notice language" })?;
        require(!text.trim().is_empty(), Code::Invalid { what: "notice without text" })?;
    }
    let fits = notice.written_bytes() <= limits::NOTICE_BYTES_MAX;
    require(fits, at_most("notice_bytes", limits::NOTICE_BYTES_MAX as u32))
}

/// An absolute address of the web, without anything a header or a page could stumble over.
///
/// # Refusals
/// [`Code::Invalid`].
pub fn check_url(url: &str) -> Verdict {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\');
    let good = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && url.len() <= limits::URL_BYTES_MAX
        && url.bytes().all(plain);
    require(good, Code::Invalid { what: "url" })
}
