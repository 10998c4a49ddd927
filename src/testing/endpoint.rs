//! Where a request goes.

use super::Rules;

/// A part of a [`MemoryProvider`](super::MemoryProvider) that answers by itself and fails by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// The metadata.
    Discovery,
    /// The public keys.
    Keys,
    /// Where a request is left before the user is sent.
    PushedRequest,
    /// Where another device's login is begun.
    Device,
    /// Where codes, refresh tokens, device codes and foreign tokens are traded.
    Token,
    /// Where tokens are taken back.
    Revocation,
    /// What the provider says of the user now.
    Userinfo,
    /// Any of the protected APIs.
    Api,
    /// Any other address; what is there answers 404.
    Elsewhere,
}

pub(super) const DISCOVERY: &str = ".well-known/openid-configuration";
pub(super) const KEYS: &str = ".well-known/jwks.json";
pub(super) const AUTHORIZE: &str = "authorize";
pub(super) const PUSHED_REQUEST: &str = "oauth/par";
pub(super) const DEVICE: &str = "oauth/device/code";
pub(super) const TOKEN: &str = "oauth/token";
pub(super) const REVOCATION: &str = "oauth/revoke";
pub(super) const USERINFO: &str = "userinfo";

impl Endpoint {
    /// Finds what is at `url`, whatever its query.
    pub(super) fn at(url: &str, rules: &Rules) -> Self {
        let address = url.split(['?', '#']).next().unwrap_or_default();
        let endpoints = [
            (DISCOVERY, Self::Discovery),
            (KEYS, Self::Keys),
            (PUSHED_REQUEST, Self::PushedRequest),
            (DEVICE, Self::Device),
            (TOKEN, Self::Token),
            (REVOCATION, Self::Revocation),
            (USERINFO, Self::Userinfo),
        ];
        let path = address.strip_prefix(&*rules.issuer);
        let found = endpoints.into_iter().find(|(at, _)| path == Some(at));
        match found {
            Some((_, endpoint)) => endpoint,
            None if rules.api_at(address).is_some() => Self::Api,
            None => Self::Elsewhere,
        }
    }
}
