//! Every problem as a sentence for a person, with a way on.

use serde::Serialize;

use super::stanchion::Trouble;
use crate::command_line::demo::wire::Problem;

/// What is said to a visitor, and where they can go from there.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Message {
    /// One short sentence.
    pub(super) title: &'static str,
    /// What happened, and what it means for them.
    pub(super) text: String,
    /// What they can do.
    pub(super) way: Way,
}

/// A way on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Way {
    /// Choose something else.
    Choose,
    /// Look at what is held.
    Basket,
    /// Go to the queue.
    Queue,
    /// Put the same question again; nothing is done twice.
    Again,
}

/// What to say about trouble.
pub(super) fn message(trouble: &Trouble) -> Message {
    match trouble {
        Trouble::Declined(problem) => declined(problem),
        Trouble::Fault(_) => {
            let text = "We cannot reach our system at the moment. What you hold stays yours.";
            Message { title: "One moment, please", text: text.to_owned(), way: Way::Again }
        }
    }
}

fn declined(problem: &Problem) -> Message {
    let (title, text, way) = sentence(&problem.code);
    let mut text = text.to_owned();
    if let (true, Some(at)) = (problem.code == "in_baskets", problem.first_return_at) {
        text.push_str(&format!(" The first may come back at {}.", at.strftime("%H:%M:%S UTC")));
    }
    if let (true, Some(most)) = (problem.code == "limit_reached", problem.most) {
        text.push_str(&format!(" The most is {most}."));
    }
    Message { title, text, way }
}

fn sentence(code: &str) -> (&'static str, &'static str, Way) {
    match code {
        "unavailable" => (
            "Somebody was faster",
            "One of these has just been taken, so nothing was held. Please choose again.",
            Way::Choose,
        ),
        "in_baskets" => (
            "All of these are in baskets",
            "Other visitors are deciding about them. Some may come back.",
            Way::Choose,
        ),
        "sold_out" => ("Sold out", "All of these are sold, and none will come back.", Way::Choose),
        "no_block" => (
            "Not so many side by side",
            "There are seats left, but not so many together. Try fewer, or another price.",
            Way::Choose,
        ),
        "limit_reached" => {
            ("That is more than one visitor may take", "Please choose fewer.", Way::Basket)
        }
        "not_entitled" => ("These are reserved", "Please choose others.", Way::Choose),
        "basket_open" => ("You have a basket already", "Go on with that one.", Way::Basket),
        "wrong_state" => (
            "That is not possible any more",
            "Your basket has moved on, perhaps in another window.",
            Way::Basket,
        ),
        "expired" => (
            "Your time ran out",
            "What you held was given back, and you have paid nothing. You can choose again.",
            Way::Choose,
        ),
        "seat_lost" => (
            "Your payment came too late",
            "Your time had run out and a seat was sold meanwhile. You have bought nothing, and \
             your money goes back to you.",
            Way::Choose,
        ),
        "gone" | "no_pass" | "token_missing" | "token_invalid" => (
            "Your visit to the shop has ended",
            "To come back, join the queue once more.",
            Way::Queue,
        ),
        "not_open" => ("Not open", "The sale is not open at the moment.", Way::Queue),
        "mirrored" => ("Not sold here", "Seats of this sale are sold elsewhere.", Way::Choose),
        "key_reused" => (
            "You have used that page already",
            "What it asked for was answered. Please choose again from a fresh page.",
            Way::Choose,
        ),
        "not_found" => ("Not here", "We cannot find what you asked for.", Way::Choose),
        "later" | "busy" | "down" | "stopping" | "rate_limited" => (
            "One moment, please",
            "We could not do that just now. What you hold stays yours, and while we cannot serve \
             you, your time stands still.",
            Way::Again,
        ),
        _ => ("That did not work", "Something was wrong with the request.", Way::Choose),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Message {
        let problem = Problem { code: code.to_owned(), most: Some(6), ..Problem::default() };
        message(&Trouble::Declined(problem))
    }

    #[test]
    fn every_code_that_a_shop_can_meet_has_a_sentence_of_its_own() {
        let unknown = of("no such code");
        for code in [
            "unavailable",
            "in_baskets",
            "sold_out",
            "no_block",
            "limit_reached",
            "not_entitled",
            "basket_open",
            "wrong_state",
            "not_found",
            "key_reused",
            "seat_lost",
            "expired",
            "gone",
            "no_pass",
            "token_missing",
            "token_invalid",
            "not_open",
            "mirrored",
            "later",
            "busy",
            "down",
            "stopping",
            "rate_limited",
        ] {
            assert_ne!(of(code), unknown, "{code}");
        }
        assert!(of("limit_reached").text.ends_with("The most is 6."));
    }
}
