//! Black-box tests over real sockets, on free ports of this machine; and tests of the tree itself.

mod api;
mod check;
mod crash;
mod demo;
mod deploy;
mod floors;
mod gate;
mod net;
mod night;
mod origin;
mod redis;
mod roles;
