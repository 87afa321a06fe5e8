//! The names of everything that a sale has in Redis. All of a sale's keys hash alike, so that one
//! script may touch several of them wherever they are.

/// Names of one sale's keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keys {
    /// The stream of its records.
    pub journal: String,
    /// Who may write it.
    pub lease: String,
    /// Which snapshots are complete.
    pub snapshots: String,
    /// What everybody may see of it, and the channel on which that is told.
    pub board: String,
    /// Which version of that is shown.
    pub board_version: String,
    /// What is left of each performance.
    pub performances: String,
    /// Which keys sign the tokens.
    pub signers: String,
    stem: String,
}

impl Keys {
    /// The names of a sale's keys under a prefix.
    pub fn new(prefix: &str, sale: &str) -> Self {
        let stem = format!("{prefix}:{{{sale}}}");
        Self {
            journal: format!("{stem}:journal"),
            lease: format!("{stem}:lease"),
            snapshots: format!("{stem}:snapshots"),
            board: format!("{stem}:board"),
            board_version: format!("{stem}:board:version"),
            performances: format!("{stem}:performances"),
            signers: format!("{stem}:signers"),
            stem,
        }
    }

    /// The n-th part, from 0, of the snapshot after a record.
    pub(super) fn part(&self, sequence: u64, part: u64) -> String {
        format!("{}:snapshot:{sequence}:{part}", self.stem)
    }
}
