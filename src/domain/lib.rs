//! The rules of an on-sale night.
//!
//! A command and the time come in; changes or a refusal come out. There is no clock here, no
//! randomness, file, socket, thread, log or serializer: what a rule needs is passed in.
//!
//! Read in this order: the words (`time`, `id`, `plan`, `sale::definition`), what is asked
//! (`command`), what is decided (`change`, `refusal`), then how (`queue`, `inventory`, `sale`), and
//! what everybody may see (`board`).

pub mod limits;
pub mod time;
pub mod id;
pub mod bits;
pub mod map;
mod sync;
pub mod plan;
pub mod command;
pub mod change;
pub mod refusal;
pub mod queue;
pub mod inventory;
pub mod sale;
pub mod board;
