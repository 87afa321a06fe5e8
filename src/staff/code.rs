//! The second factor: codes of a telephone (RFC 6238, six digits, a new one every 30 s).

use std::fmt;

use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use stanchion_domain::time::WallTime;
use totp_rs::{Builder, Totp};

use crate::clock;

/// Random bytes of a secret: as many as SHA-1 gives, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// Who asks, as the telephone shows it.
const ISSUER: &str = "Stanchion";
/// Codes before and after the present one that count: clocks of telephones are off by less.
const SKEW_STEPS: u16 = 1;

/// What the telephone and we know.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeSecret([u8; SECRET_BYTES]);

impl CodeSecret {
    /// A new random one.
    pub(super) fn new() -> Self {
        Self(clock::random_bytes())
    }

    /// The step of this code, if it is right at this time.
    pub(super) fn step(&self, code: &str, at: WallTime) -> Option<u64> {
        let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        self.codes().check(&digits, u64::try_from(at.0).ok()? / 1_000)
    }

    /// As people type it.
    pub fn text(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// As a telephone reads it from a picture.
    pub fn url(&self, name: &str) -> String {
        let (name, secret) = (utf8_percent_encode(name, NON_ALPHANUMERIC), self.text());
        format!("otpauth://totp/{ISSUER}:{name}?secret={secret}&issuer={ISSUER}")
    }

    fn codes(&self) -> Totp {
        let builder = Builder::new().with_secret(self.0).with_skew(SKEW_STEPS);
        builder.build().expect("160 bits are enough")
    }

    /// The code of a time, as a telephone would show it.
    #[cfg(test)]
    pub(super) fn code(&self, at: WallTime) -> String {
        self.codes().generate(u64::try_from(at.0).expect("after 1970") / 1_000).to_string()
    }
}

impl TryFrom<String> for CodeSecret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = BASE32_NOPAD.decode(text.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("a secret is 20 bytes in base 32")
    }
}

impl From<CodeSecret> for String {
    fn from(secret: CodeSecret) -> Self {
        secret.text()
    }
}

impl fmt::Debug for CodeSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CodeSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = CodeSecret(*b"12345678901234567890");
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            let at = WallTime(seconds * 1_000);
            assert_eq!(secret.code(at), code);
            let step = u64::try_from(seconds).expect("small") / 30;
            assert_eq!(secret.step(code, at), Some(step));
            assert_eq!(secret.step(&format!("{} {}", &code[..3], &code[3..]), at), Some(step));
            assert_eq!(secret.step(code, WallTime((seconds + 90) * 1_000)), None);
        }
        assert_eq!(secret.step("", WallTime(59_000)), None);
        assert_eq!(secret.step("287082", WallTime(-1)), None);
    }

    #[test]
    fn a_telephone_is_told_whose_codes_these_are() {
        let url = CodeSecret(*b"12345678901234567890").url("Ana & Bo");
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let wanted = "otpauth://totp/Stanchion:Ana%20%26%20Bo?secret=";
        assert_eq!(url, format!("{wanted}{secret}&issuer=Stanchion"));
    }
}
