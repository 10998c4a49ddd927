use crate::dpop::DpopNonces;
use crate::fault::Mutation;

/// One thing in which a module's provider is unlike the tenant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Twist {
    /// Done to the ID token of a login.
    Login(Mutation),
    /// Done to the ID token of a refresh.
    Refreshed(Mutation),
    /// `INVALID` appended to the issuer of the metadata.
    DiscoveryIssuer,
    /// All endpoints but the metadata are elsewhere, at each start of the module.
    MovedEndpoints,
    /// The key set is elsewhere.
    MovedKeys,
    /// A second key for RS256 is published.
    SecondKey,
    /// Keys of other kinds are published under the `kid` of the signing one.
    Decoys,
    /// New keys, and none of the old ones, just before an ID token is signed for a code.
    KeysBeforeSigning,
    /// New keys, and none of the old ones, when the second authorization request comes.
    KeysBetweenLogins,
    /// `1` appended to the `sub` of userinfo.
    UserinfoSub,
    /// Every authorization response says who answers, and the metadata promise that.
    ResponseIss,
    /// Done to the `iss` of authorization responses.
    AnswerIss(Spoil),
    /// Done to the `state` of authorization responses.
    AnswerState(Spoil),
    /// Token answers do not say how long a token lives.
    NoExpiresIn,
    /// The letters of a `token_type` are large where they are small otherwise, and small where they are large.
    TokenTypeCase,
    /// Authorization requests must be pushed.
    Pushed,
    /// Where proofs must carry a nonce; nowhere if a module does not say.
    Nonces(DpopNonces),
    /// The same as with the token type, for the scheme of challenges.
    SchemeCase,
    /// APIs take no token at its first and third use.
    ResourceRefuses,
    /// Done to the `state` of what comes after a logout.
    LogoutState(Spoil),
}

/// What becomes of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    /// `1` is appended to it.
    Appended,
    /// It is left out.
    Removed,
}

impl Spoil {
    pub(crate) fn of(self, value: Option<String>) -> Option<String> {
        match self {
            Self::Appended => Some(value.unwrap_or_default() + "1"),
            Self::Removed => None,
        }
    }
}
