//! The answers of the other endpoints: userinfo, revocation, a pushed request, and another device's login.

use dioxus_auth0::oidc::{
    DeviceAuthorization, DevicePoll, Revocation, TokenType, UserinfoRequest, Verdict,
};
use dioxus_auth0::port::HttpResponse;
use dioxus_auth0::scope::Scope;
use dioxus_auth0::secret::{AccessToken, DeviceCode, RefreshToken};
use url::Url;

use super::token::public_of;
use crate::answer::{self, finish, give};
use crate::secrecy::{assert_unsaid, shown, told};

const CLIENT_ID: &str = "client-1";
const SUB: &str = "auth0|ada";

/// No answer brings another user, an address that is not safe, or a secret into a message.
pub fn run(bytes: &[u8]) {
    let Some(answer) = answer::read(bytes) else {
        return;
    };
    let endpoint: Url = "https://tenant.example/endpoint"
        .parse()
        .expect("a literal URL");
    let public = public_of(&answer);
    userinfo(&answer, &endpoint, &public);
    device(&answer, &endpoint, &public);
    poll(&answer, &endpoint, &public);
    let revocation = Revocation {
        endpoint: &endpoint,
        client_id: CLIENT_ID,
        refresh_token: &RefreshToken::new("rt"),
    };
    match finish(revocation.send(give(&answer))) {
        Ok(()) => assert!(answer.status().is_success()),
        Err(error) => assert_unsaid(&told(&error), &public),
    }
}

fn userinfo(answer: &HttpResponse, endpoint: &Url, public: &str) {
    let request = UserinfoRequest {
        endpoint,
        access_token: &AccessToken::new("at"),
        token_type: TokenType::Bearer,
        sub: SUB,
    };
    match finish(request.send(give(answer))) {
        Ok(user) => {
            assert_eq!((answer.status().as_u16(), user.sub()), (200, SUB));
            assert_unsaid(&shown(&user), public);
        }
        Err(error) => assert_unsaid(&told(&error), public),
    }
}

fn device(answer: &HttpResponse, endpoint: &Url, public: &str) {
    let request = DeviceAuthorization {
        endpoint,
        client_id: CLIENT_ID,
        scope: &Scope::parse("openid"),
        audience: None,
    };
    match finish(request.send(give(answer))) {
        Ok(device) => {
            assert!(answer.status().is_success());
            let urls = [
                Some(&device.verification_uri),
                device.verification_uri_complete.as_ref(),
            ];
            for url in urls.into_iter().flatten() {
                assert_eq!(url.scheme(), "https", "a user is sent there");
            }
            assert!(!device.interval.is_zero());
        }
        Err(error) => assert_unsaid(&told(&error), public),
    }
}

fn poll(answer: &HttpResponse, endpoint: &Url, public: &str) {
    let request = DevicePoll {
        endpoint,
        client_id: CLIENT_ID,
        device_code: &DeviceCode::new("dc"),
    };
    match finish(request.send(give(answer))) {
        Ok(verdict) => {
            assert_unsaid(&shown(&verdict), public);
            let has_tokens = matches!(verdict, Verdict::Done(_));
            assert!(!has_tokens || answer.status().is_success(), "{verdict:?}");
        }
        Err(error) => assert_unsaid(&told(&error), public),
    }
}
