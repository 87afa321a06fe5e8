//! Passwords: Argon2id with the defaults of its crate (19 MiB, two passes, one lane).

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::clock;

/// Characters of a password, at least; there is a second factor beside it.
pub const LETTERS_MIN: usize = 12;
/// Bytes of a password, at most: a sentence, and nothing that would take long.
pub const BYTES_MAX: usize = 256;
/// Random bytes that make two hashes of one password differ.
const SALT_BYTES: usize = 16;

/// Compared where there is no account, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let random = data_encoding::HEXLOWER.encode(&clock::random_bytes::<32>());
    hash(&random)
});

/// Whether a password may be one.
pub(super) fn good(password: &str) -> bool {
    password.chars().count() >= LETTERS_MIN && password.len() <= BYTES_MAX
}

/// The hash of a password, as a PHC string.
///
/// # Panics
/// Never: the lengths are those that the algorithm takes.
pub(super) fn hash(password: &str) -> String {
    let salt = clock::random_bytes::<SALT_BYTES>();
    let hashed = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hashed.expect("lengths are within bounds").to_string()
}

/// Whether a password has this hash. With none, it takes as long and is wrong.
pub(super) fn fits(hash: Option<&str>, password: &str) -> bool {
    if password.len() > BYTES_MAX {
        return false;
    }
    let kept = hash.unwrap_or(&NOBODY);
    let same =
        PasswordVerifier::<str>::verify_password(&Argon2::default(), password.as_bytes(), kept);
    same.is_ok() && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_and_two_hashes_differ() {
        let (one, other) = (hash("a quiet evening"), hash("a quiet evening"));
        assert_ne!(one, other);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert!(fits(Some(&one), "a quiet evening") && fits(Some(&other), "a quiet evening"));
        assert!(!fits(Some(&one), "a quiet evenin") && !fits(None, "a quiet evening"));
        assert!(!fits(Some("not a hash"), "a quiet evening"));
    }

    #[test]
    fn a_password_is_long_enough_and_not_too_long() {
        assert!(!good("elevenchars") && good("twelve chars") && good("zwölf Zeichen"));
        assert!(!good(&"x".repeat(BYTES_MAX + 1)));
    }
}
