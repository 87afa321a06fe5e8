//! Tells the service manager how far the process is, if it wants to know (`NOTIFY_SOCKET`): systemd
//! starts what waits for us once we serve, and not before.

use sd_notify::NotifyState;

/// Sockets are served. Whether the sales are written here, `/readyz` says.
pub(super) fn serving() {
    tell(NotifyState::Ready);
}

/// What is under way is finished, and then the process ends.
pub(super) fn stopping() {
    tell(NotifyState::Stopping);
}

fn tell(state: NotifyState<'_>) {
    if let Err(fault) = sd_notify::notify(&[state]) {
        tracing::warn!(%fault, "the service manager could not be told");
    }
}
