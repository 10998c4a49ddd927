//! What every test stands on: a desktop session, the window in it, a tenant, and a browser for the login.

mod browser;
mod desktop;
mod env;
mod screen_reader;
mod window;
mod world;

#[path = "../../web/harness/driver.rs"]
mod driver;

pub(crate) use browser::Browser;
pub(crate) use desktop::Desktop;
pub(crate) use env::package;
pub(crate) use window::Window;
pub(crate) use world::{ADA, World, closes, way_back, world};
