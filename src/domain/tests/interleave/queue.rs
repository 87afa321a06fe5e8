//! The files of the queue as they are; what they take from `crate` is found beside this one.

#[path = "../../queue/block.rs"]
mod block;
#[path = "../../queue/line.rs"]
pub mod line;
#[path = "../../queue/places.rs"]
pub mod places;
#[path = "../../queue/publisher.rs"]
pub mod publisher;
#[path = "../../queue/standing.rs"]
pub mod standing;
