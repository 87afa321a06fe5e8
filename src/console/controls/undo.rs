//! How the newest change is taken back, where that makes sense: by what was so before it.

use stanchion_domain::board::trigger::Trigger;
use stanchion_domain::command::OpsAction;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::operations::Audit;

use super::ground::Ground;

/// What an earlier change says about how things were.
enum Told<T> {
    /// So.
    So(T),
    /// It changed that in a way that the log does not tell.
    Lost,
    /// Nothing.
    Nothing,
}

/// The action that takes the newest change back. `None` if there is none, or nobody knows what was
/// so before.
pub(super) fn of(newest: &Audit, ground: &Ground<'_>) -> Option<OpsAction> {
    let before = Before { newest, ground };
    Some(match &newest.action {
        OpsAction::PauseCalling => OpsAction::ResumeCalling,
        OpsAction::ResumeCalling => OpsAction::PauseCalling,
        OpsAction::FreezeTime => OpsAction::ResumeTime,
        OpsAction::ResumeTime => OpsAction::FreezeTime,
        OpsAction::CallForWhatIsLeft(on) => OpsAction::CallForWhatIsLeft(!on),
        OpsAction::SetCap(_) => OpsAction::SetCap(before.cap()?),
        OpsAction::SetPace(_) => OpsAction::SetPace(before.pace()?),
        OpsAction::PostNotice(_)
        | OpsAction::PostNoticeUntil { .. }
        | OpsAction::WithdrawNotice => before.words()?,
        OpsAction::Redirect(_) | OpsAction::EndRedirect => before.redirect()?,
        OpsAction::SetTrigger(trigger) => match before.trigger(&trigger.id)? {
            Some(before) => OpsAction::SetTrigger(before),
            None => OpsAction::RemoveTrigger(trigger.id.clone()),
        },
        OpsAction::RemoveTrigger(id) => OpsAction::SetTrigger(before.trigger(id)??),
        _ => return None,
    })
}

struct Before<'b> {
    newest: &'b Audit,
    ground: &'b Ground<'b>,
}

impl Before<'_> {
    fn cap(&self) -> Option<u32> {
        let told = |action: &OpsAction| match action {
            OpsAction::SetCap(cap) => Told::So(*cap),
            OpsAction::Redefine(_) => Told::Lost,
            _ => Told::Nothing,
        };
        self.find(told, |definition| definition.policy.cap)
    }

    fn pace(&self) -> Option<u32> {
        let told = |action: &OpsAction| match action {
            OpsAction::SetPace(pace) => Told::So(*pace),
            OpsAction::Redefine(_) => Told::Lost,
            _ => Told::Nothing,
        };
        self.find(told, |definition| definition.policy.pace_per_minute)
    }

    /// Back to the words before, with their end if that is still to come.
    fn words(&self) -> Option<OpsAction> {
        let told = |action: &OpsAction| match action {
            OpsAction::PostNoticeUntil { notice, until } if *until <= self.ground.now => {
                Told::So(OpsAction::PostNotice(notice.clone()))
            }
            OpsAction::PostNotice(_)
            | OpsAction::PostNoticeUntil { .. }
            | OpsAction::WithdrawNotice => Told::So(action.clone()),
            _ => Told::Nothing,
        };
        self.find(told, |_| OpsAction::WithdrawNotice)
    }

    fn redirect(&self) -> Option<OpsAction> {
        let told = |action: &OpsAction| match action {
            OpsAction::Redirect(_) | OpsAction::EndRedirect => Told::So(action.clone()),
            _ => Told::Nothing,
        };
        self.find(told, |_| OpsAction::EndRedirect)
    }

    fn trigger(&self, id: &str) -> Option<Option<Trigger>> {
        let told = |action: &OpsAction| match action {
            OpsAction::SetTrigger(trigger) if trigger.id == id => Told::So(Some(trigger.clone())),
            OpsAction::RemoveTrigger(removed) if removed == id => Told::So(None),
            OpsAction::Redefine(_) => Told::Lost,
            _ => Told::Nothing,
        };
        self.find(told, |definition| {
            definition.triggers.iter().find(|trigger| trigger.id == id).cloned()
        })
    }

    /// What the changes before the newest say, the latest of them first; else how the sale began,
    /// if the log goes back so far.
    fn find<T>(
        &self,
        told: impl Fn(&OpsAction) -> Told<T>,
        begun: impl FnOnce(&Definition) -> T,
    ) -> Option<T> {
        let audit = &self.ground.operations().audit;
        let earlier = audit.iter().rev().filter(|entry| entry.revision < self.newest.revision);
        for entry in earlier {
            match told(&entry.action) {
                Told::So(so) => return Some(so),
                Told::Lost => return None,
                Told::Nothing => {}
            }
        }
        let whole = audit.front().is_some_and(|oldest| oldest.revision == 1);
        whole.then(|| begun(self.ground.definition()))
    }
}
