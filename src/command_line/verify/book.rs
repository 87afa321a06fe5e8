//! Whether the book of what staff did is whole, and says of a sale what its journal says.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use stanchion_domain::sale::operations::Audit;

use crate::clock;
use crate::staff::book::{self, Entry};

/// The book beside the folder of a journal, if there is one.
pub(super) fn beside(journal: &Path) -> Option<PathBuf> {
    let book = journal.parent()?.join(book::FILE);
    book.is_file().then_some(book)
}

/// Compares a book with what the journal of a sale keeps of its changes, and says what was found.
pub(super) fn agree(path: &Path, sale: &str, audit: &VecDeque<Audit>) -> anyhow::Result<String> {
    let mut told: BTreeMap<u64, Entry> = BTreeMap::new();
    let mut twice = None;
    let (chain, _) = book::read(path, &mut |entry| {
        if let (Some(of), Some(revision)) = (&entry.sale, entry.revision)
            && of == sale
            && told.insert(revision, entry).is_some()
        {
            twice = Some(revision);
        }
    })?;
    if let Some(revision) = twice {
        anyhow::bail!("{}: revision {revision} of {sale} is there twice", path.display());
    }
    let newest = audit.back().map_or(0, |kept| kept.revision);
    let booked = told.last_key_value().map_or(0, |(revision, _)| *revision);
    anyhow::ensure!(
        booked <= newest,
        "{}: it has revision {booked} of {sale}, and the journal none after {newest}",
        path.display()
    );
    for kept in audit.iter().filter(|kept| kept.revision <= booked) {
        let found = told.get(&kept.revision).is_some_and(|entry| same(entry, kept));
        let revision = kept.revision;
        anyhow::ensure!(found, "{}: revision {revision} of {sale} is another", path.display());
    }
    Ok(format!(
        "{}: sound; {} entries, {} of them changes of {sale} as in its journal, {} not copied yet",
        path.display(),
        chain.lines(),
        told.len(),
        newest - booked
    ))
}

fn same(entry: &Entry, kept: &Audit) -> bool {
    let at = clock::rfc3339(kept.now.wall).unwrap_or_default();
    (&entry.actor, &entry.reason, &entry.at) == (&kept.actor, &kept.reason, &at)
}

#[cfg(test)]
mod tests {
    use stanchion_domain::command::OpsAction;
    use stanchion_domain::time::Now;

    use super::*;
    use crate::staff::book::Book;

    fn kept(revision: u64, actor: &str) -> Audit {
        let (actor, reason) = (actor.to_owned(), String::new());
        Audit { revision, now: Now::default(), actor, reason, action: OpsAction::Open }
    }

    fn entry(revision: u64, actor: &str) -> Entry {
        let at = clock::rfc3339(Now::default().wall).expect("1970");
        let (actor, sale) = (actor.to_owned(), Some("gala".to_owned()));
        Entry { at, actor, sale, revision: Some(revision), ..Entry::default() }
    }

    #[test]
    fn a_book_agrees_with_its_journal_or_says_where_it_does_not() {
        let audit: VecDeque<_> = (1..=3).map(|revision| kept(revision, "Ana")).collect();
        let check = |entries: Vec<Entry>| {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(book::FILE);
            Book::open(path.clone()).expect("none yet").append(entries);
            agree(&path, "gala", &audit).map_err(|wrong| wrong.to_string())
        };
        let all = |to: u64| (1..=to).map(|revision| entry(revision, "Ana")).collect::<Vec<_>>();
        let told = check(all(3)).expect("the same");
        assert!(
            told.ends_with(
                "3 entries, 3 of them changes of gala as in its journal, 0 not copied yet"
            )
        );
        assert!(check(all(2)).expect("a crash").ends_with("1 not copied yet"));
        assert!(check(all(4)).expect_err("too much").contains("none after 3"));
        let other = vec![entry(1, "Ana"), entry(2, "Eve")];
        assert!(check(other).expect_err("another").contains("revision 2 of gala is another"));
        let gap = vec![entry(1, "Ana"), entry(3, "Ana")];
        assert!(check(gap).expect_err("a gap").contains("revision 2 of gala is another"));
        let twice = vec![entry(1, "Ana"), entry(1, "Ana")];
        assert!(check(twice).expect_err("twice").contains("is there twice"));
    }
}
