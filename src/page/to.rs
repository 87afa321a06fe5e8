//! Where a visitor wanted to be when they were sent to wait: carried along, and gone on to.
//!
//! It travels in the page's own address and forms, and is read anew each time: what is no target is
//! as good as absent. No place and no pass is ever in an address.

use std::fmt::Write;

use http::Method;

use super::target::Target;
use crate::api::call::Call;

/// The query parameter, and the field of a form.
pub const NAME: &str = "to";

/// Where a request says that its visitor wants to be; nowhere, if no shop is connected.
pub fn of(call: &Call) -> Option<Target> {
    let gate = call.state.gate()?;
    let sent = call.head.method == Method::POST;
    let text = if sent { call.field(NAME) } else { call.query(NAME)? };
    Target::read(&text, &gate.origins)
}

/// The address of a sale's page, which says something and remembers where to go on to.
pub fn page(sale: &str, said: Option<&str>, to: Option<&Target>) -> String {
    address(sale, said.map(|said| ("said", said)), to)
}

/// The address at which a page without a script looks again: it tells what was shown, as the script
/// does, and says nothing a second time.
pub fn again(sale: &str, was: &str, to: Option<&Target>) -> String {
    address(sale, Some(("was", was)), to)
}

fn address(sale: &str, tells: Option<(&str, &str)>, to: Option<&Target>) -> String {
    let mut address = format!("/{sale}");
    let mut mark = '?';
    if let Some((name, told)) = tells {
        let _ = write!(address, "{mark}{name}={told}");
        mark = '&';
    }
    if let Some(to) = to {
        let _ = write!(address, "{mark}{NAME}={}", to.in_query());
    }
    address
}
