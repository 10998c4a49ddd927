//! The system's browser in front of the app, and a link that opens the app to come back by
//! ([RFC 8252 §7.1](https://www.rfc-editor.org/rfc/rfc8252#section-7.1) and
//! [§7.2](https://www.rfc-editor.org/rfc/rfc8252#section-7.2)).
//!
//! What is the same on every phone is here and compiles everywhere: which links are the app's, which one a login waits
//! for, and how a login ends. What a phone does itself is behind [`Phone`]: `android/` and `ios/` have one each, and
//! [`MemoryPhone`] is one for tests.
//!
//! The system may end the app while the browser is in front. A login is therefore kept in a file before anything opens, and a
//! link that starts the app anew finds it there.
//!
//! [`launch`](crate::platform::launch) connects the window with the links that open the app. An app that launches by itself
//! passes its configuration through `platform::window::with_links`, which a build for phones has; or calls
//! `platform::window::hear` in an event handler of its own.

mod address;
mod inbox;
mod memory;
mod navigator;
mod phone;

pub use inbox::Inbox;
pub use memory::MemoryPhone;
pub use navigator::{MobileNavigator, PATIENCE};
pub use phone::{News, Phone};
