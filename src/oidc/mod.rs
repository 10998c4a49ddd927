//! The protocol: values in, values out.
//!
//! One file per exchange, in the order of a login: [`pkce`] and [`authorize`] write the URL, which [`par`] shortens;
//! [`callback`] reads the answer, [`token`] trades the code, [`jwks`] and [`id_token`] check who came back, [`userinfo`]
//! asks again, [`revoke`] and [`logout`] are the way out. [`device`] and [`exchange`] are the ways in without a
//! callback. [`dpop`] proves the key that a token is bound to. [`authenticate`] and [`retry`] read what a server says
//! that did not answer. Nothing here knows a clock, a random number, a file or a browser; time and bytes are arguments.

pub(crate) mod answer;
pub mod authenticate;
pub mod authorize;
pub mod callback;
pub mod device;
pub mod dpop;
pub mod exchange;
pub mod id_token;
pub mod jwks;
pub(crate) mod jws;
pub mod logout;
pub mod par;
pub mod pkce;
pub(crate) mod refusal;
pub(crate) mod request;
pub mod retry;
pub mod revoke;
pub mod token;
pub mod userinfo;

pub use authenticate::{AuthChallenge, ChallengeError};
pub use authorize::{AuthorizeError, AuthorizeRequest};
pub use callback::CallbackError;
pub use device::{DeviceAnswer, DeviceAuthorization, DeviceError, DevicePoll, Schedule, Verdict};
pub use exchange::{Actor, TokenExchange};
pub use id_token::IdTokenError;
pub use jwks::{Jwks, JwksError, RsaKey};
pub use jws::{Jws, VerifiedJws};
pub use par::{ParError, PushedAnswer, PushedRequest};
pub use pkce::Challenge;
pub use refusal::ErrorCode;
pub use retry::RetryAfter;
pub use revoke::{Revocation, RevokeError};
pub use token::{AnswerError, CodeExchange, Refresh, TokenAnswer, TokenError, TokenType};
pub use userinfo::{UserinfoError, UserinfoRequest};
