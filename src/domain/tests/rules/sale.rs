//! Random commands and times against the naive model.

use crate::steps::{Raw, step};
use crate::support::shared;
use crate::world::World;
use proptest::collection::vec;
use proptest::prelude::*;

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
    fn a_sale_that_nobody_opened_does_what_the_rules_say(
        steps in vec(vec(any::<u16>(), 16..28), 1..100),
    ) {
        run(World::new(shared()), &steps);
    }
}
