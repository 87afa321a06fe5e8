//! The rules as a whole, through their public doors.

mod memory;
mod model;
