//! The tenant as its clients see it: black box, over HTTP.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod authorize;
mod common;
mod control;
mod cors;
mod dashboard;
mod device;
mod dpop;
mod exchange;
mod faults;
mod keys;
mod lifecycle;
mod login;
mod logout;
mod management;
mod mfa;
mod modes;
mod modules;
mod mrrt;
mod organization;
mod pages;
mod par;
mod prover;
mod refresh;
mod sso;
mod token;
mod userinfo;
