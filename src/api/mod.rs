//! The public interface and the operators': JSON over HTTP, described by an OpenAPI document.
//!
//! `router` has all routes; dispatcher and document are made from it, so they cannot drift. A
//! handler turns a request into a command or a reading, and what comes back into an answer.
//! Decides nothing and keeps nothing: rules belong to the domain, state to the engine.
//!
//! | file | what |
//! |---|---|
//! | `router` | every route: who, what, which problems |
//! | `queue` with `place`, `moving`, `basket`, `sale`, `board`, `ops` | the handlers |
//! | `counter` | calls of a retired waiting room, for clients that were written for it |
//! | `moves`, `letters` | codes by which places move, and how codes are read out |
//! | `wire` | the only serializable types |
//! | `problem` | every error to its status |
//! | `auth`, `cookies`, `idempotency` | who asks, and whether they asked before |
//! | `poll` | when to ask again, bands, progress, the wait |
//! | `route`, `dispatch`, `openapi`, `call`, `reply` | how a request finds its handler and back |
//! | `state`, `names`, `role` | what all handlers share, and what the process is to its sales |

pub mod auth;
pub mod basket;
pub mod board;
pub mod call;
pub mod cookies;
pub mod counter;
pub mod dispatch;
pub mod idempotency;
pub mod letters;
pub mod mirror;
pub mod moves;
pub mod moving;
pub mod names;
pub mod openapi;
pub mod ops;
pub mod place;
pub mod poll;
pub mod problem;
pub mod queue;
pub mod reply;
pub mod role;
pub mod route;
pub mod router;
pub mod sale;
pub mod state;
pub mod wire;
