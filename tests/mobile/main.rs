//! The app for Android as dx packages it: its manifest, its modules, its program, and what of it is written in Kotlin.
//!
//! dx generates the project without Android's own tools, up to where Gradle would start, and these tests read what is there
//! then. No Android is near: the program is not run, and Kotlin runs on the machine's own Java, against a phone in memory that
//! is written for it (`android/stubs/`).
//!
//! `cargo xtask test --only android` runs them.

mod harness;

mod kotlin;
mod manifest;
mod merger;
mod program;
mod project;
