//! A desktop: the window.

#[cfg(feature = "desktop")]
pub mod window;
