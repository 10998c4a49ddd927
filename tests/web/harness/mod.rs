//! What every test stands on: a tenant, a server of the bundle, a browser, and the three as one world.

mod axe;
mod browser;
mod driver;
mod env;
mod page;
mod site;
mod tabs;
mod world;

pub(crate) use browser::Browser;
pub(crate) use env::{contracts, screenshot};
pub(crate) use site::Served;
pub(crate) use tabs::Tab;
pub(crate) use world::{ADA, GRACE, MALLORY, Setup, World, world};
