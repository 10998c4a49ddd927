//! What every parser of untrusted bytes promises, as one function a parser: bytes in, a panic if a promise is broken.
//!
//! libFuzzer calls them with what it makes up (`cargo xtask fuzz`), and `tests/replay.rs` with the seeds and with whatever
//! has broken a promise once, on any compiler. A target asserts more than that nothing panics: what is accepted has every
//! property it is accepted for, what is written is read back as it was, and what is refused is said without a secret.
//!
//! The crate is a member of the workspace, so that clippy, rustfmt and cargo-deny see it and one lockfile holds for all.
//! libFuzzer itself is C++ that every build of the workspace would compile: it comes with the feature `libfuzzer`, which
//! cargo-fuzz alone turns on. The programs in `programs/` need it and are one line each.

mod answer;
mod secrecy;
pub mod targets;
mod world;

/// A promise of one parser, checked for these bytes.
pub type Target = fn(&[u8]);

/// Every target, by the name of its program, its seeds and its crashes.
pub const TARGETS: &[(&str, Target)] = &[
    ("callback", targets::callback::run),
    ("config", targets::config::run),
    ("discovery", targets::discovery::run),
    ("endpoints", targets::endpoints::run),
    ("headers", targets::headers::run),
    ("id_token", targets::id_token::run),
    ("json", targets::json::run),
    ("jwks", targets::jwks::run),
    ("link", targets::link::run),
    ("loopback", targets::loopback::run),
    ("refresh", targets::refresh::run),
    ("return_to", targets::return_to::run),
    ("sealed", targets::sealed::run),
    ("session", targets::session::run),
    ("token", targets::token::run),
    ("transaction", targets::transaction::run),
];
