//! One file a target, each with the promises of its parser.

pub(crate) mod callback;
pub(crate) mod config;
pub(crate) mod discovery;
pub(crate) mod endpoints;
pub(crate) mod headers;
pub(crate) mod id_token;
pub(crate) mod json;
pub(crate) mod jwks;
pub(crate) mod link;
pub(crate) mod loopback;
pub(crate) mod refresh;
pub(crate) mod return_to;
pub(crate) mod sealed;
pub(crate) mod session;
pub(crate) mod token;
pub(crate) mod transaction;
