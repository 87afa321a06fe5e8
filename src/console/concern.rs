//! What a change is about. Two changes of one thing must not overwrite each other unseen; two of
//! different things have nothing to do with each other, however busy the night is.

use stanchion_domain::command::{OpsAction, Units};
use stanchion_domain::id::{BasketId, Number, PerformanceIndex};

use super::controls::notices::planned;

/// The thing that a change is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Concern<'a> {
    /// The sale as a whole: whatever else is changed may mean something else after it.
    Everything,
    Calling,
    WhatIsLeft,
    Cap,
    Pace,
    Notice,
    Redirect,
    Time,
    Stock(PerformanceIndex),
    Trigger(&'a str),
    Visitor(Number),
    Basket(BasketId),
}

/// Whether whoever asks for one of these should know of the other first.
pub(super) fn disagree(one: &OpsAction, other: &OpsAction) -> bool {
    let (one, other) = (Concern::of(one), Concern::of(other));
    one == other || one == Concern::Everything || other == Concern::Everything
}

impl<'a> Concern<'a> {
    fn of(action: &'a OpsAction) -> Self {
        match action {
            OpsAction::Open | OpsAction::Close | OpsAction::Redefine(_) => Self::Everything,
            OpsAction::PauseCalling | OpsAction::ResumeCalling => Self::Calling,
            OpsAction::CallForWhatIsLeft(_) => Self::WhatIsLeft,
            OpsAction::SetCap(_) => Self::Cap,
            OpsAction::SetPace(_) => Self::Pace,
            OpsAction::PostNotice(_)
            | OpsAction::PostNoticeUntil { .. }
            | OpsAction::WithdrawNotice => Self::Notice,
            OpsAction::Redirect(_) | OpsAction::EndRedirect => Self::Redirect,
            OpsAction::FreezeTime | OpsAction::ResumeTime | OpsAction::AddTime(_) => Self::Time,
            OpsAction::Withhold { what, .. } | OpsAction::Restore { what } => match what {
                Units::Seats { performance, .. } | Units::Pool { performance, .. } => {
                    Self::Stock(*performance)
                }
            },
            OpsAction::SetTrigger(trigger) if planned(trigger).is_some() => Self::Notice,
            OpsAction::SetTrigger(trigger) => Self::Trigger(&trigger.id),
            OpsAction::RemoveTrigger(id) => Self::Trigger(id),
            OpsAction::EndPass(number) | OpsAction::RestorePlace(number) => Self::Visitor(*number),
            OpsAction::CancelOrder(basket) | OpsAction::ExtendBasket { basket, .. } => {
                Self::Basket(*basket)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use stanchion_domain::board::trigger::Notice;
    use stanchion_domain::time::Span;

    use super::*;

    #[test]
    fn changes_of_one_thing_disagree_and_those_of_two_do_not() {
        use OpsAction::{
            AddTime, Close, EndPass, FreezeTime, PostNotice, RemoveTrigger, SetCap, SetPace,
            WithdrawNotice,
        };
        let words = PostNotice(Notice::default());
        for (one, other, wanted) in [
            (SetCap(1), SetCap(2), true),
            (SetCap(1), SetPace(1), false),
            (SetCap(1), words.clone(), false),
            (words, WithdrawNotice, true),
            (FreezeTime, AddTime(Span(1)), true),
            (EndPass(Number(1)), EndPass(Number(2)), false),
            (RemoveTrigger("a".to_owned()), RemoveTrigger("b".to_owned()), false),
            (RemoveTrigger("a".to_owned()), RemoveTrigger("a".to_owned()), true),
            (SetCap(1), Close, true),
        ] {
            assert_eq!(disagree(&one, &other), wanted, "{one:?} and {other:?}");
            assert_eq!(disagree(&other, &one), wanted, "{other:?} and {one:?}");
        }
    }
}
