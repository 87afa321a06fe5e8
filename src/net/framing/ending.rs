//! What ends a head that is too large, so that whoever reads on has one that is whole, and can be
//! answered in our own words.
//!
//! By then a part of the head was passed on. What is still missing of it is the end of one text,
//! which names a host that nobody has.

/// The host that an ending names. Nobody has it: a visitor who says so is refused as well.
pub const LARGE_HOST: &str = "?large";
/// Everything that may be missing behind a method.
pub(super) const ENDING: &[u8] = b" / HTTP/1.1\r\nhost: ?large\r\n\r\n";
/// Where its version begins.
pub(super) const ENDING_VERSION: usize = 3;
/// Where its first line ends.
pub(super) const ENDING_RETURN: usize = 11;
/// In the middle of the end of that line.
pub(super) const ENDING_FEED: usize = 12;
/// Where its field begins.
pub(super) const ENDING_FIELD: usize = 13;
/// What follows on a part of a name. No name that means anything ends in a hyphen.
pub(super) const ENDING_NAME: &[u8] = b"-:\r\nhost: ?large\r\n\r\n";

/// How far beyond its limit a head may reach, with its ending: a value of at most 24 bytes that
/// says how the request is framed, the end of its line, and all of an ending.
pub const BEYOND_BYTES_MAX: usize = 64;

const _: () = assert!(24 + 2 + ENDING.len() <= BEYOND_BYTES_MAX);
