//! Whatever a command contains, it is decided or refused, and what was decided can be applied.

use crate::strange::command;
use crate::support::{Seen, shared};
use proptest::collection::vec;
use proptest::prelude::*;
use stanchion_domain::change::Decided;
use stanchion_domain::command::{Command, Ops, OpsAction};
use stanchion_domain::id::{Number, RequestKey};
use stanchion_domain::sale::{Outcome, Sale};
use stanchion_domain::time::{Now, SaleTime, Span};

/// A sale with a few shoppers in it.
struct Night {
    sale: Sale,
    now: Now,
    seen: Seen,
}

impl Night {
    fn new() -> Self {
        let sale = Sale::new(shared());
        let mut night = Self { sale, now: Now::default(), seen: Seen::default() };
        night.settle();
        night.seen.issued = 6;
        (0..6).for_each(|number| night.seen.see(Number(number), SaleTime(0)));
        let (actor, reason) = ("ada".to_owned(), String::new());
        let open = Ops { revision: 0, actor, reason, action: OpsAction::Open };
        night.ask(None, &Command::Ops(open));
        (0..4).for_each(|number| night.ask(None, &Command::Claim { number: Number(number) }));
        night
    }

    fn ask(&mut self, request: Option<RequestKey>, command: &Command) {
        let decided = self.sale.decide(self.now, request, command);
        if let Ok(Outcome::New(change) | Outcome::Repeated { record: change, .. }) = decided {
            self.sale.apply(&Decided { now: self.now, request, change });
        }
        self.settle();
        self.sale.check_invariants();
    }

    fn settle(&mut self) {
        while let Some(change) = self.sale.due(self.now, &self.seen) {
            self.sale.apply(&Decided { now: self.now, request: None, change });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_command_stops_the_process(
        commands in vec((command(), any::<Option<(u8, bool)>>(), 0..60_000_u64), 1..40),
    ) {
        let mut night = Night::new();
        for (mut command, request, passed_ms) in commands {
            night.now.sale = night.now.sale.after(Span(passed_ms));
            (0..6).for_each(|number| night.seen.see(Number(number), night.now.sale));
            if let Command::Ops(ops) = &mut command {
                ops.revision = ops.revision.max(night.sale.operations().revision);
            }
            let request = request
                .map(|(key, body)| RequestKey { key: u128::from(key), body: u64::from(body) });
            night.ask(request, &command);
        }
        let image = night.sale.image();
        prop_assert_eq!(Sale::from_image(image.clone()).image(), image);
    }
}
