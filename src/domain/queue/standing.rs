//! How a visitor stands in the queue.

/// What a queue number stands for at this moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// In the queue.
    Waiting {
        /// How many are ahead. Never rises from one poll of a visitor to the next.
        position: u32,
    },
    /// Calling passed this place over, or its claim was missed, or a crash left unknown whether it
    /// was ever given: next in number order once calling has come this far and the visitor is here.
    Returning {
        /// How many waiting places are ahead; zero once calling has come this far.
        position: u32,
    },
    /// Called: there is a pass, offered or active, in the engine's map of passes.
    Called,
    /// Given up, or its pass has ended; only an operator can restore it.
    Spent,
    /// Never given to anybody.
    Unissued,
}

impl Standing {
    /// How many are ahead, for who is in the queue.
    pub fn position(self) -> Option<u32> {
        match self {
            Self::Waiting { position } | Self::Returning { position } => Some(position),
            Self::Called | Self::Spent | Self::Unissued => None,
        }
    }
}
