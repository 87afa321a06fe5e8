//! What is seen of two servers on one journal: who writes, who stands by, who took over from whom.
//!
//! Pure: is told what each look saw, and when.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::process::{Role, Sight};

/// What was seen of the two.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    servers: Vec<Sight>,
    writer: Option<&'static str>,
    /// Who wrote before, if nobody does now, and since when nobody does.
    before: Option<(&'static str, Instant)>,
    /// Who took over from whom, and how long nobody wrote.
    takeovers: Vec<(&'static str, &'static str, Duration)>,
}

impl Seen {
    /// Takes a new look into account.
    pub(super) fn look(&mut self, servers: Vec<Sight>, now: Instant) {
        let writes = servers.iter().find(|server| server.role == Role::Writes);
        let writer = writes.map(|server| server.name);
        match (self.writer, writer) {
            (Some(before), None) => self.before = Some((before, now)),
            (Some(before), Some(after)) if before != after => {
                self.takeovers.push((after, before, Duration::ZERO));
            }
            (None, Some(after)) => {
                // Who only was silent for a moment has not taken over.
                let before = self.before.take().filter(|(before, _)| *before != after);
                self.takeovers.extend(before.map(|(before, since)| (after, before, now - since)));
            }
            _ => {}
        }
        (self.servers, self.writer) = (servers, writer);
    }

    /// Which of the two writes.
    pub(super) fn at_of_writer(&self) -> Option<usize> {
        self.servers.iter().position(|server| server.role == Role::Writes)
    }

    /// Where people are led: to who writes, or to who wrote last and is only silent.
    pub(super) fn leads_to(&self) -> Option<[SocketAddr; 2]> {
        let last = self.before.map(|(before, _)| before);
        let silent = |server: &&Sight| server.role == Role::Silent && Some(server.name) == last;
        let writer = self.servers.iter().find(|server| server.role == Role::Writes);
        writer.or_else(|| self.servers.iter().find(silent))?.at
    }

    /// Who writes, in two words.
    pub fn writer(&self) -> String {
        format!("{} writes", self.writer.unwrap_or("nobody"))
    }

    /// A sentence for each takeover.
    pub fn takeovers(&self) -> impl Iterator<Item = String> {
        self.takeovers.iter().map(|(after, before, span)| {
            let seconds = span.as_secs_f64();
            format!("{after} took over from {before} after {seconds:.1} s without a writer")
        })
    }
}

/// Both in one line, and the newest takeover.
impl fmt::Display for Seen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Sight { name, pid, role, .. } in &self.servers {
            let role = match role {
                Role::Writes => "writes",
                Role::StandsBy => "stands by",
                Role::Silent => "does not answer",
                Role::Gone => "is gone",
            };
            match pid {
                Some(pid) => write!(out, "{name} (pid {pid}) {role}   ")?,
                None => write!(out, "{name} {role}   ")?,
            }
        }
        self.takeovers().last().map_or(Ok(()), |takeover| write!(out, "{takeover}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sights(one: Role, two: Role) -> Vec<Sight> {
        let sight = |name, role, port| {
            let at = SocketAddr::from(([127, 0, 0, 1], port));
            let runs = role != Role::Gone;
            Sight { name, pid: runs.then_some(7), role, at: runs.then_some([at; 2]) }
        };
        vec![sight("one", one, 1), sight("two", two, 2)]
    }

    #[test]
    fn who_is_silent_for_a_moment_has_neither_lost_the_door_nor_taken_over() {
        let (mut seen, now) = (Seen::default(), Instant::now());
        let mut look = |one, two| {
            seen.look(sights(one, two), now);
            (seen.leads_to().map(|[public, _]| public.port()), seen.takeovers().count())
        };
        assert_eq!(look(Role::Writes, Role::StandsBy), (Some(1), 0));
        assert_eq!(look(Role::Silent, Role::StandsBy), (Some(1), 0));
        assert_eq!(look(Role::Writes, Role::StandsBy), (Some(1), 0));
        assert_eq!(look(Role::Silent, Role::Silent), (Some(1), 0));
        assert_eq!(look(Role::Gone, Role::Silent), (None, 0));
        assert_eq!(look(Role::Gone, Role::Writes), (Some(2), 1));
    }

    #[test]
    fn a_takeover_is_seen_with_its_length() {
        let (mut seen, begun) = (Seen::default(), Instant::now());
        let mut look = |one, two, after_ms| {
            seen.look(sights(one, two), begun + Duration::from_millis(after_ms));
            (seen.writer(), seen.to_string())
        };
        let (writer, line) = look(Role::Writes, Role::StandsBy, 0);
        assert_eq!(writer, "one writes");
        assert_eq!(line, "one (pid 7) writes   two (pid 7) stands by   ");
        let (writer, line) = look(Role::Gone, Role::StandsBy, 1_000);
        assert_eq!(writer, "nobody writes");
        assert_eq!(line, "one is gone   two (pid 7) stands by   ");
        look(Role::Gone, Role::Silent, 2_000);
        let (writer, line) = look(Role::Gone, Role::Writes, 4_100);
        assert_eq!(writer, "two writes");
        let takeover = "two took over from one after 3.1 s without a writer";
        assert_eq!(line, format!("one is gone   two (pid 7) writes   {takeover}"));
        let (_, line) = look(Role::StandsBy, Role::Writes, 9_000);
        assert!(line.ends_with(takeover), "{line}");
    }
}
