//! The pages of the app, one for each route, and what they share.

mod config_problem;
mod guard;
mod heading;
mod home;
mod loading;
mod metadata;
mod metadata_editor;
mod not_found;
mod profile;
mod shell;

pub use config_problem::ConfigProblem;
pub use guard::Guard;
pub use home::Home;
pub(crate) use loading::loading;
pub use not_found::NotFound;
pub use profile::Profile;
pub use shell::Shell;
