//! Modules: a whole provider that misbehaves in one way, by the ids of the OpenID Foundation's conformance suite.
//!
//! Where the [faults](crate::Fault) hit one endpoint, a module is a provider of its own from metadata to logout. Its ids
//! and its misbehaviour are those of the suite's plans for relying parties, so that any client can be run against them.

mod catalogue;
mod course;
mod fapi;
mod twist;

use serde::Serialize;

pub(crate) use course::{Course, inverted};
pub(crate) use twist::{Spoil, Twist};

/// A provider as one test of the suite wants it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Module {
    /// The suite's name of the test.
    pub id: &'static str,
    /// What the provider does.
    pub provider: &'static str,
    /// What is required of the client.
    pub required: &'static str,
    #[serde(skip)]
    pub(crate) twists: Vec<Twist>,
}

impl Module {
    /// Every module, in the order of the suite's plans.
    ///
    /// ```
    /// use tenant::Module;
    ///
    /// let modules = Module::all();
    /// let module = modules.iter().find(|module| module.id == "oidcc-client-test-invalid-iss");
    /// assert_eq!(module.unwrap().provider, "appends `1` to the iss of the ID token");
    /// ```
    pub fn all() -> Vec<Self> {
        catalogue::all()
    }

    pub(crate) fn find(id: &str) -> Option<Self> {
        Self::all().into_iter().find(|module| module.id == id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_modules_share_an_id() {
        let modules = Module::all();
        let ids: HashSet<&str> = modules.iter().map(|module| module.id).collect();
        assert_eq!(ids.len(), modules.len());
    }
}
