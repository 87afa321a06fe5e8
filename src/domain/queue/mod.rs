//! Visitors waiting for a sale, and how they are called.
