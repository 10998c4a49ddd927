use std::sync::{Mutex, PoisonError};

use crate::fault::Mutation;
use crate::module::{Module, Twist};
use crate::random::hex24;

/// The module in force, and how far its run has come.
#[derive(Debug, Default)]
pub(crate) struct Course {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    module: Option<Module>,
    /// Where endpoints are that have moved.
    place: String,
    authorizations: u32,
    api_calls: u32,
}

impl Course {
    /// Puts a module in force from its beginning, or ends it.
    pub(crate) fn begin(&self, module: Option<Module>) {
        *self.lock() = Inner {
            module,
            place: hex24(),
            ..Inner::default()
        };
    }

    pub(crate) fn module(&self) -> Option<Module> {
        self.lock().module.clone()
    }

    /// Looks for a twist of the module in force.
    pub(crate) fn find<T>(&self, twist: impl Fn(&Twist) -> Option<T>) -> Option<T> {
        let inner = self.lock();
        inner.module.as_ref()?.twists.iter().find_map(twist)
    }

    pub(crate) fn has(&self, wanted: &Twist) -> bool {
        self.find(|twist| (twist == wanted).then_some(())).is_some()
    }

    /// What is done to the ID token of a grant.
    pub(crate) fn mutation(&self, grant_type: &str) -> Option<Mutation> {
        self.find(|twist| match (twist, grant_type) {
            (Twist::Login(mutation), "authorization_code")
            | (Twist::Refreshed(mutation), "refresh_token") => Some(mutation.clone()),
            _ => None,
        })
    }

    /// The path an endpoint is published at.
    pub(crate) fn published(&self, path: &str) -> String {
        match self.moves(path) {
            true => format!("at/{}/{path}", self.lock().place),
            false => path.to_owned(),
        }
    }

    /// The path that a request means, without a slash before it; `None` where there is nothing any more.
    pub(crate) fn meant<'a>(&self, path: &'a str) -> Option<&'a str> {
        let place = self.lock().place.clone();
        let moved = path
            .strip_prefix("at/")
            .and_then(|rest| rest.strip_prefix(&*place)?.strip_prefix('/'));
        match moved {
            Some(path) => self.moves(path).then_some(path),
            None => (!self.moves(path)).then_some(path),
        }
    }

    fn moves(&self, path: &str) -> bool {
        match path {
            ".well-known/openid-configuration" => false,
            ".well-known/jwks.json" => {
                self.has(&Twist::MovedKeys) || self.has(&Twist::MovedEndpoints)
            }
            "authorize" | "userinfo" | "oidc/logout" => self.has(&Twist::MovedEndpoints),
            path if path.starts_with("oauth/") => self.has(&Twist::MovedEndpoints),
            _ => false,
        }
    }

    /// Counts an authorization request, and says whether it is the second.
    pub(crate) fn is_second_authorization(&self) -> bool {
        let mut inner = self.lock();
        inner.authorizations += 1;
        inner.authorizations == 2
    }

    /// Counts a good call of an API, and says whether it is refused all the same.
    pub(crate) fn refuses_call(&self) -> bool {
        let mut inner = self.lock();
        inner.api_calls += 1;
        let is_chosen = matches!(inner.api_calls, 1 | 3);
        drop(inner);
        is_chosen && self.has(&Twist::ResourceRefuses)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes large letters small and small ones large.
pub(crate) fn inverted(text: &str) -> String {
    let invert = |letter: char| match letter.is_ascii_uppercase() {
        true => letter.to_ascii_lowercase(),
        false => letter.to_ascii_uppercase(),
    };
    text.chars().map(invert).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_moved_is_nowhere_else() {
        let course = Course::default();
        assert_eq!(course.meant("oauth/token"), Some("oauth/token"));
        course.begin(Module::find("oidcc-client-test-discovery-openid-config"));
        let place = course.published("oauth/token");
        assert_ne!(place, "oauth/token");
        assert_eq!(course.meant(&place), Some("oauth/token"));
        assert_eq!(course.meant("oauth/token"), None);
        assert_eq!(course.meant("u/login"), Some("u/login"));
        course.begin(Module::find("oidcc-client-test-discovery-openid-config"));
        assert_eq!(course.meant(&place), Some(&*place));
    }

    #[test]
    fn a_dpop_scheme_is_inverted_letter_by_letter() {
        assert_eq!(inverted("DPoP"), "dpOp");
        assert_eq!(inverted("Bearer"), "bEARER");
    }
}
