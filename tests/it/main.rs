//! Black-box tests over real sockets, on free ports of this machine.

mod api;
mod net;
