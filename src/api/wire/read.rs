//! Reads a JSON body: small, shallow, with nothing unknown in it; or says where it went wrong.

use serde::de::DeserializeOwned;

use crate::api::problem::Problem;

/// Levels of objects and lists in a body. The deepest body we read has five.
pub const DEPTH_MAX: usize = 32;

/// Reads a body.
///
/// # Errors
/// `malformed`, with line, column and the path of the field.
pub fn json<B: DeserializeOwned>(bytes: &[u8]) -> Result<B, Problem> {
    require_shallow(bytes)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut reader).map_err(|fault| {
        let path = fault.path().to_string();
        malformed(fault.inner(), Some(path).filter(|path| path != "."))
    })?;
    reader.end().map_err(|fault| malformed(&fault, None))?;
    Ok(body)
}

fn malformed(fault: &serde_json::Error, path: Option<String>) -> Problem {
    let mut at = format!("{}:{}", fault.line(), fault.column());
    if let Some(path) = path {
        at = format!("{at} {path}");
    }
    // The fault repeats the position; what it says before that is for people.
    let told = fault.to_string();
    let told = told.split(" at line ").next().unwrap_or_default().to_owned();
    Problem::new("malformed").says(told).with(|extra| extra.at = Some(at))
}

/// Counts brackets outside strings, before anything is built from them.
fn require_shallow(bytes: &[u8]) -> Result<(), Problem> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            let told = format!("at most {DEPTH_MAX} levels of nesting");
            return Err(Problem::new("malformed").says(told));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::wire::items::HoldBody;

    fn refused(body: &str) -> serde_json::Value {
        let problem = json::<HoldBody>(body.as_bytes()).expect_err("not a body");
        let response = problem.response();
        assert_eq!(response.status(), 400);
        serde_json::from_slice(response.body().bytes().expect("whole")).expect("JSON")
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        let unknown = refused("{\"items\":[\n  {\"performance\":\"p\",\"sead\":\"A\"}]}");
        assert!(unknown["at"].as_str().expect("a place").starts_with("2:"), "{unknown}");
        assert!(unknown["at"].as_str().expect("a place").contains("items[0]"), "{unknown}");
        assert!(unknown["detail"].as_str().expect("words").contains("sead"), "{unknown}");
        let wrong = refused("{\"items\":3}");
        assert!(wrong["at"].as_str().expect("a place").contains("items"), "{wrong}");
        for broken in ["", "{", "{} {}", "[1", "\"x", "{\"items\":[]}}"] {
            assert_eq!(refused(broken)["code"], "malformed", "{broken:?}");
        }
    }

    #[test]
    fn a_deep_body_is_refused_before_it_is_built() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(refused(&deep)["detail"].as_str().expect("words").contains("nesting"));
        let quoted = format!("{{\"items\":[],\"{}\":1}}", "[".repeat(100));
        assert!(!refused(&quoted)["detail"].as_str().expect("words").contains("nesting"));
    }
}
