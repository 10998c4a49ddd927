//! The tenant as its clients see it: black box, over HTTP.

mod common;
mod login;
