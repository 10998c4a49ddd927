//! What is a phone's own: the way back.

pub(super) mod home;
mod navigator;

use std::rc::Rc;

use dioxus::prelude::Element;

use crate::port::Navigator;

pub use navigator::MobileNavigator;

/// Returns the way out of this machine and back.
pub fn navigator() -> Rc<dyn Navigator> {
    Rc::new(MobileNavigator)
}

/// Starts the app in a window.
pub fn launch(app: fn() -> Element) {
    dioxus::launch(app);
}
