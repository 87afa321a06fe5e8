//! Random commands and times against the naive model.

use crate::steps::{Raw, report, step};
use crate::support::{mirrored, shared};
use crate::world::World;
use proptest::collection::vec;
use proptest::prelude::*;
use stanchion_domain::command::OpsAction;

fn run(mut world: World, steps: &[Vec<u16>]) {
    for (at, numbers) in steps.iter().enumerate() {
        step(&mut world, &mut Raw(numbers.iter()));
        world.settle();
        world.check();
        if at % 16 == 15 {
            world.check_replay();
        }
    }
    world.check_replay();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn a_sale_does_what_the_rules_say(steps in vec(vec(any::<u16>(), 16..28), 1..300)) {
        run(World::opened(), &steps);
    }

    #[test]
    fn a_mirrored_sale_does_what_the_rules_say(
        steps in vec(vec(any::<u16>(), 16..28), 1..200),
        opened in any::<bool>(),
    ) {
        let mut world = World::new(mirrored().into());
        if opened {
            world.operate(OpsAction::Open);
        }
        for (at, numbers) in steps.iter().enumerate() {
            let mut raw = Raw(numbers.iter());
            if at % 2 == 0 { report(&mut world, &mut raw) } else { step(&mut world, &mut raw) }
            world.settle();
            world.check();
        }
        world.check_replay();
        world.check();
    }

    #[test]
    fn a_sale_that_nobody_opened_does_what_the_rules_say(
        steps in vec(vec(any::<u16>(), 16..28), 1..100),
    ) {
        run(World::new(shared()), &steps);
    }
}
