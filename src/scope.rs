//! What a token may be used for.

use std::fmt;

/// An ordered set of scope tokens
/// ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)).
///
/// Tokens keep the order in which they were first named, for the wire; equality ignores it.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::scope::Scope;
///
/// let asked = Scope::parse("profile email profile").with_openid();
/// assert_eq!(asked.to_string(), "openid profile email");
/// assert!(asked.covers(&Scope::parse("email openid")));
/// assert_eq!(asked.missing_from(&Scope::parse("openid email")).to_string(), "profile");
/// ```
#[derive(Clone, Debug, Default, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Reads tokens parted by white space, dropping repetitions.
    pub fn parse(text: &str) -> Self {
        let mut scope = Self::default();
        for token in text.split_ascii_whitespace() {
            scope.insert(token);
        }
        scope
    }

    /// Says whether the token is named.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|held| held == token)
    }

    /// Says whether every token of `other` is named here too.
    pub fn covers(&self, other: &Scope) -> bool {
        other.iter().all(|token| self.contains(token))
    }

    /// Joins two scopes, this one's tokens first.
    pub fn union(&self, other: &Scope) -> Scope {
        let mut scope = self.clone();
        for token in other.iter() {
            scope.insert(token);
        }
        scope
    }

    /// Puts `openid` first, which makes the request an OpenID Connect one
    /// ([Core §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)).
    pub fn with_openid(&self) -> Scope {
        Scope::parse("openid").union(self)
    }

    /// Gives the tokens of this scope that `granted` lacks.
    pub fn missing_from(&self, granted: &Scope) -> Scope {
        let missing = self.iter().filter(|token| !granted.contains(token));
        Scope(missing.map(str::to_owned).collect())
    }

    /// Goes through the tokens in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Says whether no token is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn insert(&mut self, token: &str) {
        if !self.contains(token) {
            self.0.push(token.to_owned());
        }
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.covers(other)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_not_covered_by_a_token_that_only_begins_like_it() {
        assert!(!Scope::parse("read:users").covers(&Scope::parse("read:user")));
    }

    #[test]
    fn the_empty_scope_is_covered_by_any() {
        assert!(Scope::default().covers(&Scope::parse("  ")));
        assert!(Scope::parse("openid").covers(&Scope::default()));
    }

    #[test]
    fn equality_ignores_order() {
        assert_eq!(Scope::parse("a b"), Scope::parse("b a"));
        assert_ne!(Scope::parse("a b"), Scope::parse("a c"));
        assert_ne!(Scope::parse("a b"), Scope::parse("a b c"));
    }

    #[test]
    fn openid_comes_first_and_once() {
        let scope = Scope::parse("email openid").with_openid();
        assert_eq!(scope.to_string(), "openid email");
    }
}
