//! The controls in words: what a change will do, and what was done.

use stanchion_domain::board::trigger::{Notice, Trigger};
use stanchion_domain::command::{OpsAction, Units};
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::sale::due::room_for_what_is_left;

use super::ground::Ground;
use super::notices::{self, Planned};
use super::{moments, triggers};
use crate::api::ops::figures::Figures;
use crate::api::problem::Problem;
use crate::console::written;

const MINUTE_MS: u64 = 60_000;

/// What a change will do to a sale that looks like this.
pub(super) fn will(action: &OpsAction, ground: &Ground<'_>) -> String {
    let now = &ground.figures;
    let (point, inside) = (&now.point, ground.inside());
    match action {
        OpsAction::SetCap(0) => format!(
            "Set the cap from {} to 0: nobody is called. {inside} are called or in the shop: \
             nobody is put out. {} wait, until the cap is raised.",
            point.cap, point.waiting
        ),
        OpsAction::SetCap(cap) if *cap <= inside => format!(
            "Set the cap from {} to {cap}. {inside} are called or in the shop: nobody is put out, \
             and nobody is called until fewer than {cap} are left.",
            point.cap
        ),
        OpsAction::SetCap(cap) => format!(
            "Set the cap from {} to {cap}. {inside} are called or in the shop, so there is room \
             for {} more; {} wait, and {}.",
            point.cap,
            cap - inside,
            point.waiting,
            match held_back(action, now) {
                None => "are called as fast as the pace allows".to_owned(),
                Some(why) => format!("nobody is called: {why}"),
            }
        ),
        OpsAction::SetPace(0) => format!(
            "Set the pace from {} to 0: nobody is called. {} wait, until the pace is raised.",
            now.pace_per_minute, point.waiting
        ),
        OpsAction::SetPace(pace) => format!(
            "Set the pace from {} to {pace} calls a minute. {}",
            now.pace_per_minute,
            match held_back(action, now) {
                None => format!(
                    "At that, the {} who wait are called in {} or more.",
                    point.waiting,
                    minutes(point.waiting.div_ceil(*pace).into())
                ),
                Some(why) => format!("{} wait, and nobody is called: {why}.", point.waiting),
            }
        ),
        OpsAction::PauseCalling => format!(
            "Stop calling. The {} who wait keep their places, the {inside} who were called go on.",
            point.waiting
        ),
        OpsAction::ResumeCalling => match held_back(action, now) {
            None => "Call again, up to the cap and at the pace.".to_owned(),
            Some(why) => {
                format!("Call again, up to the cap and at the pace. Nobody is called yet: {why}.")
            }
        },
        OpsAction::CallForWhatIsLeft(true) => for_what_is_left(ground),
        OpsAction::CallForWhatIsLeft(false) => format!(
            "Call up to the cap of {}, whatever is left. {} are available, and {inside} are called \
             or in the shop.",
            point.cap, point.available
        ),
        OpsAction::PostNotice(notice) => format!(
            "Show these words at the top of every page, to all {}:\n{}",
            point.waiting,
            texts(notice)
        ),
        OpsAction::PostNoticeUntil { notice, until } => format!(
            "Show these words at the top of every page, to all {}:\n{}\nTake them away at {} ({}), \
             if they are still shown then.",
            point.waiting,
            texts(notice),
            moments::told(*until),
            moments::in_words(*until, ground.now)
        ),
        OpsAction::SetTrigger(trigger) => match notices::planned(trigger) {
            Some(planned) => will_plan(&planned, ground),
            None => will_set(trigger, ground),
        },
        OpsAction::RemoveTrigger(id) => will_remove(id, ground),
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
            format!("Give every live basket and turn {} more.", minutes(span.0 / MINUTE_MS))
        }
        OpsAction::Open => match held_back(action, now) {
            None => "Open the sale now: visitors are called at once.".to_owned(),
            Some(why) => format!("Open the sale now. Nobody is called yet: {why}."),
        },
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
        OpsAction::CallForWhatIsLeft(true) => "set calling to what is left".to_owned(),
        OpsAction::CallForWhatIsLeft(false) => "set calling to the cap alone".to_owned(),
        OpsAction::PostNotice(notice) => format!("posted a notice: {}", notices::quoted(notice)),
        OpsAction::PostNoticeUntil { notice, until } => {
            format!("posted a notice until {}: {}", moments::told(*until), notices::quoted(notice))
        }
        OpsAction::WithdrawNotice => "took the notice away".to_owned(),
        OpsAction::Redirect(url) => format!("sent everyone to {url}"),
        OpsAction::EndRedirect => "ended the redirect".to_owned(),
        OpsAction::FreezeTime => "stopped sale time".to_owned(),
        OpsAction::ResumeTime => "let sale time run".to_owned(),
        OpsAction::AddTime(span) => format!("added {}", minutes(span.0 / MINUTE_MS)),
        OpsAction::Withhold { what, kind: Withheld::House } => {
            format!("kept {} for the house", units(what))
        }
        OpsAction::Withhold { what, kind: Withheld::Killed } => format!("killed {}", units(what)),
        OpsAction::Restore { what } => format!("put {} back on sale", units(what)),
        OpsAction::SetTrigger(trigger) => match notices::planned(trigger) {
            Some(Planned { from, notice, .. }) => {
                let (at, words) = (moments::told(from), notices::quoted(notice));
                format!("planned a notice for {at}: {words}")
            }
            None => format!("set the trigger {}", trigger.id),
        },
        OpsAction::RemoveTrigger(id) => format!("removed the trigger {id}"),
        OpsAction::EndPass(number) => format!("ended the pass {}", number.0),
        OpsAction::CancelOrder(_) => "took an order back".to_owned(),
        OpsAction::ExtendBasket { span, .. } => {
            format!("gave a basket {} more", minutes(span.0 / MINUTE_MS))
        }
        OpsAction::RestorePlace(number) => format!("let the visitor {} back in", number.0),
        OpsAction::Redefine(_) => "applied a changed sale file".to_owned(),
    }
}

/// What keeps visitors from being called once a change is made, if operators do.
fn held_back(change: &OpsAction, now: &Figures) -> Option<&'static str> {
    use OpsAction::{Open, ResumeCalling, SetCap, SetPace};
    match change {
        _ if now.phase == "closed" => Some("the sale is closed"),
        change if now.phase == "before" && *change != Open => Some("the sale is not open yet"),
        _ if now.frozen => Some("sale time stands still"),
        change if now.calling_paused && *change != ResumeCalling => Some("calling is paused"),
        change if now.point.cap == 0 && !matches!(change, SetCap(_)) => Some("the cap is 0"),
        change if now.pace_per_minute == 0 && !matches!(change, SetPace(_)) => {
            Some("the pace is 0")
        }
        _ => None,
    }
}

fn minutes(count: u64) -> String {
    written::counted(count, "minute")
}

fn units(what: &Units) -> String {
    match what {
        Units::Seats { seats, .. } => written::counted(seats.len() as u64, "seat"),
        Units::Pool { units, .. } => written::counted(u64::from(*units), "pool unit"),
    }
}

fn for_what_is_left(ground: &Ground<'_>) -> String {
    let (point, inside, wanting) = (&ground.figures.point, ground.inside(), ground.wanting());
    let room = room_for_what_is_left(point.available, wanting);
    let free = point.cap.saturating_sub(inside);
    format!(
        "Call no more than what is left can serve. {} are available and {} inside, {wanting} of \
         them without a basket; with this, {} could be called now. The cap alone leaves room for \
         {free}.",
        point.available,
        if inside == 1 { "1 shopper is".to_owned() } else { format!("{inside} shoppers are") },
        room.min(free)
    )
}

fn will_plan(planned: &Planned<'_>, ground: &Ground<'_>) -> String {
    let Planned { from, notice, until } = planned;
    let end = match until {
        None => "They stay until somebody takes them away.".to_owned(),
        Some(until) => {
            format!("Take them away at {}, if they are still shown then.", moments::told(*until))
        }
    };
    format!(
        "At {} ({}), show these words at the top of every page:\n{}\n{end}",
        moments::told(*from),
        moments::in_words(*from, ground.now),
        texts(notice)
    )
}

fn will_set(trigger: &Trigger, ground: &Ground<'_>) -> String {
    let (told, against) = (triggers::told(trigger, ground), triggers::against(trigger, ground));
    let instead = match known(&trigger.id, ground) {
        None => String::new(),
        Some((kept, true)) => {
            format!(
                "\nIt replaces one of this name, which has acted: {}",
                triggers::told(kept, ground)
            )
        }
        Some((kept, false)) => {
            format!("\nIt replaces one of this name: {}", triggers::told(kept, ground))
        }
    };
    format!("Set the trigger “{}”. {told}\n{against}{instead}", trigger.id)
}

fn will_remove(id: &str, ground: &Ground<'_>) -> String {
    match known(id, ground) {
        None => format!("Remove the trigger “{id}”, which is not there any more."),
        Some((kept, false)) if notices::planned(kept).is_some() => {
            "Take the planned words back: they will not be shown.".to_owned()
        }
        Some((kept, true)) => format!(
            "Remove the trigger “{id}”. {} It has acted, and what it did stays.",
            triggers::told(kept, ground)
        ),
        Some((kept, false)) => {
            format!("Remove the trigger “{id}”. {} It will not act.", triggers::told(kept, ground))
        }
    }
}

fn known<'g>(id: &str, ground: &'g Ground<'_>) -> Option<&'g (Trigger, bool)> {
    ground.operations().triggers.iter().find(|(kept, _)| kept.id == id)
}

fn texts(notice: &Notice) -> String {
    let texts = notice.texts.iter().map(|(language, text)| format!("{language}: {text}"));
    texts.collect::<Vec<_>>().join("\n")
}

/// A problem as a sentence.
pub(in crate::console) fn problem(problem: &Problem) -> String {
    let (title, told) = problem.told();
    format!("Nothing was changed. {title}: {told}")
}
