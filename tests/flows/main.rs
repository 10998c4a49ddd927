//! Whole flows of the client over ports in memory: a fixed clock, counted entropy, scripted HTTP.

mod api;
mod callback;
mod config;
mod faults;
mod id_token;
mod login;
mod logout;
mod mobile;
mod model;
mod provider;
mod refusals;
mod restore;
mod shared;
mod slow;
mod tokens;
mod world;
