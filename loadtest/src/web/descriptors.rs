//! Room for connections: each takes a descriptor.

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for 200,000 connections and what there is beside them. Only root gets more than the
/// system's upper limit.
const WANTED: u64 = 200_500;

/// Raises the limit of this process as far as it goes, and says how many descriptors it may have.
/// Call it first: a crowd that needs more is told so by [`shortages`](super::Web::shortages).
///
/// # Errors
/// If the system does not let its own upper limit be used.
pub fn raise() -> anyhow::Result<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(current) = current.filter(|current| *current < WANTED) else {
        return Ok(current.unwrap_or(u64::MAX));
    };
    let wanted = Rlimit { current: Some(WANTED), maximum: maximum.map(|most| most.max(WANTED)) };
    if setrlimit(Resource::Nofile, wanted).is_ok() {
        return Ok(WANTED);
    }
    let allowed = maximum.unwrap_or(current);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum });
    raised.with_context(|| format!("{allowed} descriptors are allowed, and cannot be had"))?;
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_at_least_to_what_the_system_allows() {
        let before = getrlimit(Resource::Nofile);
        let raised = raise().expect("the upper limit can be used");
        let after = getrlimit(Resource::Nofile);
        assert!(raised >= before.maximum.unwrap_or(WANTED).min(WANTED), "{raised} of {before:?}");
        assert_eq!(after.current.unwrap_or(u64::MAX), raised);
    }
}
