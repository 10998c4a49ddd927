//! One file a target, each with the promises of its parser.

pub mod callback;
pub mod config;
pub mod discovery;
pub mod endpoints;
pub mod headers;
pub mod id_token;
pub mod json;
pub mod jwks;
pub mod link;
pub mod loopback;
pub mod refresh;
pub mod return_to;
pub mod sealed;
pub mod session;
pub mod token;
pub mod transaction;
