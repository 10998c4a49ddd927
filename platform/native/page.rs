//! A page of its own has neither title, language nor focus here; the window has.

/// Does nothing.
pub fn set_title(_title: &str) {}

/// Does nothing.
pub fn set_language(_tag: &str) {}

/// Does nothing.
pub fn focus(_id: &str) {}
