//! The controls in words: what a change will do, what was done, how to take it back.

use serde_json::{Value, json};
use stanchion_domain::command::OpsAction;
use stanchion_domain::sale::operations::Audit;

use crate::api::ops::figures::Figures;
use crate::api::problem::Problem;
use crate::engine::desk::Desk;

const MINUTE_MS: u64 = 60_000;

/// What a change will do to a sale that looks like this.
pub(super) fn will(action: &OpsAction, now: &Figures) -> String {
    let point = &now.point;
    let inside = point.active + point.called;
    match action {
        OpsAction::SetCap(cap) if *cap < inside => format!(
            "Lower the cap from {} to {cap}. {inside} are called or in the shop: nobody is put \
             out, and nobody is called until fewer than {cap} are left.",
            point.cap
        ),
        OpsAction::SetCap(cap) => format!(
            "Set the cap from {} to {cap}. {inside} are called or in the shop, so there is room \
             for {} more; {} wait, and are called as fast as the pace allows.",
            point.cap,
            cap - inside,
            point.waiting
        ),
        OpsAction::SetPace(0) => "Set the pace to 0: nobody is called.".to_owned(),
        OpsAction::SetPace(pace) => format!(
            "Set the pace from {} to {pace} calls a minute. At that, the {} who wait are called \
             in {} minutes or more.",
            now.pace_per_minute,
            point.waiting,
            point.waiting.div_ceil(*pace)
        ),
        OpsAction::PauseCalling => format!(
            "Stop calling. The {} who wait keep their places, the {inside} who were called go on.",
            point.waiting
        ),
        OpsAction::ResumeCalling => "Call again, up to the cap and at the pace.".to_owned(),
        OpsAction::PostNotice(notice) => {
            let texts = notice.texts.iter().map(|(language, text)| format!("{language}: {text}"));
            let texts = texts.collect::<Vec<_>>().join("\n");
            format!("Show these words at the top of every page, to all {}:\n{texts}", point.waiting)
        }
        OpsAction::WithdrawNotice => "Take the notice away from every page.".to_owned(),
        OpsAction::Redirect(url) => {
            format!("Send everyone in the queue, {} visitors now, to {url}.", point.waiting)
        }
        OpsAction::EndRedirect => "Send nobody elsewhere any more.".to_owned(),
        OpsAction::FreezeTime => format!(
            "Stop sale time until you let it run again: nobody is called, no turn runs out, and \
             what is in baskets, {} now, stays held. Whoever is in the shop goes on.",
            point.in_baskets
        ),
        OpsAction::ResumeTime => "Let sale time run again, where it stopped.".to_owned(),
        OpsAction::AddTime(span) => {
            format!("Give every live basket and turn {} minutes more.", span.0 / MINUTE_MS)
        }
        OpsAction::Open => "Open the sale now: visitors are called at once.".to_owned(),
        OpsAction::Close => format!(
            "Close the sale for good: nobody is called and nothing more is held. {} in baskets \
             can still be paid.",
            point.in_baskets
        ),
        other => format!("{}.", done(other)),
    }
}

/// What was done, after a name.
pub(in crate::console) fn done(action: &OpsAction) -> String {
    match action {
        OpsAction::Open => "opened the sale".to_owned(),
        OpsAction::Close => "closed the sale".to_owned(),
        OpsAction::PauseCalling => "paused calling".to_owned(),
        OpsAction::ResumeCalling => "resumed calling".to_owned(),
        OpsAction::SetCap(cap) => format!("set the cap to {cap}"),
        OpsAction::SetPace(pace) => format!("set the pace to {pace} a minute"),
        OpsAction::PostNotice(notice) => {
            let first = notice.texts.first().map(|(_, text)| text.as_str()).unwrap_or_default();
            format!("posted a notice: “{first}”")
        }
        OpsAction::WithdrawNotice => "took the notice away".to_owned(),
        OpsAction::Redirect(url) => format!("sent everyone to {url}"),
        OpsAction::EndRedirect => "ended the redirect".to_owned(),
        OpsAction::FreezeTime => "stopped sale time".to_owned(),
        OpsAction::ResumeTime => "let sale time run".to_owned(),
        OpsAction::AddTime(span) => format!("added {} minutes", span.0 / MINUTE_MS),
        OpsAction::Withhold { .. } => "withheld seats".to_owned(),
        OpsAction::Restore { .. } => "put withheld seats on sale".to_owned(),
        OpsAction::SetTrigger(trigger) => format!("set the trigger {}", trigger.id),
        OpsAction::RemoveTrigger(id) => format!("removed the trigger {id}"),
        OpsAction::EndPass(number) => format!("ended the pass {}", number.0),
        OpsAction::CancelOrder(_) => "took an order back".to_owned(),
        OpsAction::ExtendBasket { span, .. } => {
            format!("gave a basket {} minutes more", span.0 / MINUTE_MS)
        }
        OpsAction::RestorePlace(number) => format!("let the visitor {} back in", number.0),
        OpsAction::Redefine(_) => "applied a changed sale file".to_owned(),
    }
}

/// The fields of a form that takes the newest change back, where that makes sense.
pub(super) fn undo(newest: &Audit, desk: &Desk) -> Option<Value> {
    let audit = &desk.operations.audit;
    let mut earlier = audit.iter().rev().filter(|entry| entry.revision < newest.revision);
    let plain = |action: &str| json!([["action", action]]);
    let fields = match &newest.action {
        OpsAction::PauseCalling => plain("resume_calling"),
        OpsAction::ResumeCalling => plain("pause_calling"),
        OpsAction::FreezeTime => plain("resume_time"),
        OpsAction::PostNotice(_) => plain("withdraw_notice"),
        OpsAction::Redirect(_) => plain("end_redirect"),
        OpsAction::SetCap(_) => {
            let before = earlier.find_map(|entry| match entry.action {
                OpsAction::SetCap(cap) => Some(cap),
                _ => None,
            });
            let cap = before.unwrap_or(desk.definition.policy.cap);
            json!([["action", "set_cap"], ["cap", cap.to_string()]])
        }
        OpsAction::SetPace(_) => {
            let before = earlier.find_map(|entry| match entry.action {
                OpsAction::SetPace(pace) => Some(pace),
                _ => None,
            });
            let pace = before.unwrap_or(desk.definition.policy.pace_per_minute);
            json!([["action", "set_pace"], ["pace", pace.to_string()]])
        }
        _ => return None,
    };
    Some(json!({ "fields": fields, "reason": format!("takes revision {} back", newest.revision) }))
}

/// A problem as a sentence.
pub(super) fn problem(problem: &Problem) -> String {
    let (title, told) = problem.told();
    format!("Nothing was changed. {title}: {told}")
}
