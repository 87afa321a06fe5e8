//! Servers that lie, each with one lie, and the checks that must name it.

mod evening;
mod fake;
mod honest;
mod nights;
mod walk;
