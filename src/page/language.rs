//! Which of the languages that are there a visitor reads best.

use stanchion_domain::board::trigger::Notice;

/// Ranges of one header that are looked at; nobody reads more languages.
const RANGES_MAX: usize = 16;

/// The subscript of the best of `offered` for an `Accept-Language` header; the first one if none
/// fits. A tag fits another of the same first part: `de-AT` reads `de`, and `de` reads `de-CH`.
pub fn best<'t>(accepted: &str, offered: impl IntoIterator<Item = &'t str> + Clone) -> usize {
    let wanted = ranges(accepted);
    let find = |fits: fn(&str, &str) -> bool, tag: &str| {
        offered.clone().into_iter().position(|offer| fits(offer, tag))
    };
    let exact = |offer: &str, tag: &str| offer.eq_ignore_ascii_case(tag);
    let near = |offer: &str, tag: &str| first_part(offer).eq_ignore_ascii_case(first_part(tag));
    let mut found =
        wanted.iter().filter_map(|(_, tag)| find(exact, tag).or_else(|| find(near, tag)));
    found.next().unwrap_or_default()
}

/// The text of a notice that a visitor reads best, with its language.
pub fn of_notice<'n>(notice: &'n Notice, accepted: &str) -> Option<&'n (String, String)> {
    let tags = notice.texts.iter().map(|(tag, _)| tag.as_str());
    notice.texts.get(best(accepted, tags))
}

/// What an `Accept` or `Accept-Language` header names, each with its weight in thousandths, the
/// heaviest first; without what is not wanted at all, and without `*`.
pub(super) fn ranges(accepted: &str) -> Vec<(u32, &str)> {
    let mut ranges: Vec<_> = accepted.split(',').take(RANGES_MAX).filter_map(weighted).collect();
    // Stable: among equals, the one named first.
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    ranges
}

fn weighted(range: &str) -> Option<(u32, &str)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty() && *tag != "*")?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1_000), permille)?;
    (weight > 0).then_some((weight, tag))
}

/// A weight of 0 to 1 with at most three digits after the point, in thousandths.
fn permille(text: &str) -> Option<u32> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole: u32 = whole.parse().ok()?;
    let rest: u32 =
        if rest.len() > 3 { return None } else { format!("{rest:0<3}").parse().ok()? };
    Some((whole.min(1) * 1_000 + rest).min(1_000))
}

fn first_part(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_a_visitor_prefers_wins_and_the_first_is_the_fallback() {
        let offered = ["en", "de", "fr-CH"];
        for (accepted, at) in [
            ("", 0),
            ("de", 1),
            ("de-AT,de;q=0.9,en;q=0.8", 1),
            ("en;q=0.5, fr;q=0.9", 2),
            ("pl, cs", 0),
            ("*", 0),
            ("de;q=0, en", 0),
            ("DE", 1),
            ("de;q=banana", 0),
        ] {
            assert_eq!(best(accepted, offered), at, "{accepted}");
        }
    }
}
