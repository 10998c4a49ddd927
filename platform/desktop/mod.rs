//! The system browser, and a port of this machine to come back to
//! ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).
//!
//! A login binds its port, opens the browser, and answers one request: the one on the redirect URI's own host and path
//! that carries the login's `state`. Everything else that reaches the port (other programs, other tabs, prefetches,
//! rebound names) is turned away without an end to the wait. The browser is then sent on to a page without a query, so
//! that its history keeps no code, and the port is closed. Nothing of it survives the login, and none of it is spawned
//! while it waits: whoever drops the login closes the port in the same moment.
//!
//! # Why these ports
//!
//! Auth0 compares redirect URIs to the letter, the port included, so a few fixed ones are registered and tried in turn.
//! A port that is taken, by this user or another, is left alone. On Unix the listener sets `SO_REUSEADDR`, which there
//! only means that connections of an earlier login in `TIME_WAIT` do not keep the port; on Windows it does not, where
//! it would let two programs share a port.
//!
//! # What other processes may see
//!
//! The address of the login page, with its `state` and `code_challenge`, is an argument of the browser's process, which
//! other processes may list. Neither buys anything: who guesses at the port with that `state` still needs a code of this
//! login, and the code is worth nothing without the verifier, which never leaves this process
//! ([RFC 8252 §8.1](https://www.rfc-editor.org/rfc/rfc8252#section-8.1)).

mod address;
mod browser;
mod gate;
mod head;
pub(super) mod home;
mod navigator;
mod pages;
mod server;

use std::rc::Rc;

use crate::platform::window;
use crate::port::Navigator;

pub use navigator::{DesktopNavigator, PATIENCE};

/// Returns the way out of this machine and back.
pub fn navigator() -> Rc<dyn Navigator> {
    Rc::new(DesktopNavigator::new().with_on_return(Rc::new(window::raise)))
}
