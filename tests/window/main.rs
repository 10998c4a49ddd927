//! The app in a real window: the program as it ships, under Xvfb, against a real tenant and with a real browser.
//!
//! Nothing in the program knows of these tests. They read and drive the window by what the system tells screen readers,
//! [AT-SPI](https://www.freedesktop.org/wiki/Accessibility/AT-SPI2/) over D-Bus: "press the button called Log in" is a
//! person's way too. What the program opens in the system browser reaches the test through `$BROWSER`.
//!
//! `cargo xtask test --only package,window` runs them and keeps pictures of what was shown.

mod harness;

mod cancel;
mod layout;
mod package;
mod session;
mod several;
