//! What stands beside the page, and what only other machines and other providers show: drawn, and then looked at in the
//! browser.

use std::rc::Rc;

use dioxus::history::{History, MemoryHistory};
use dioxus::prelude::*;
use dioxus_auth0::auth::{Aside, AuthContextProvider, AuthState, Reason};
use dioxus_auth0::error::{Error, NetworkError, Refusal};
use dioxus_auth0::oidc::ErrorCode;
use dioxus_auth0::platform::memory::{MemoryAuth, signed_in};
use dioxus_auth0::route::Route;
use serde_json::json;
use url::Url;

use super::hand::{Hand, LARGE, LYING, SMALL, TURNED};
use crate::harness::world;

const LONG: &str =
    "https://a-tenant-with-a-rather-long-name.eu.auth0.com/activate?user_code=WDJB-MJHT-XXXX";

#[test]
fn notices_fit_a_phone_however_it_is_held() {
    let page: Url = LONG.parse().expect("a literal");
    let host = "a-tenant-with-a-rather-long-name.eu.auth0.com".to_owned();
    let unreachable = Error::Network(NetworkError::Unreachable { host });
    let notices = [
        (
            "code",
            Aside::Code {
                user_code: "WDJB-MJHT".into(),
                verification_uri: "https://a-tenant-with-a-rather-long-name.eu.auth0.com/activate"
                    .parse()
                    .expect("a literal"),
                verification_uri_complete: Some(page.clone()),
            },
        ),
        (
            "waiting",
            Aside::Waiting {
                url: page.clone(),
                is_in_front: false,
            },
        ),
        (
            "waiting-behind",
            Aside::Waiting {
                url: page,
                is_in_front: true,
            },
        ),
        ("offline", Aside::Offline),
        ("trouble", Aside::Trouble(unreachable)),
    ];
    world().run(async |world| {
        let browser = &world.browser;
        for phone in [SMALL, LARGE, LYING, TURNED] {
            let hand = Hand::holding(phone, browser).await;
            for (name, aside) in notices.clone() {
                world.site.draw(drawn("/", nobody(), aside));
                browser.open("/").await;
                browser.sees("Login for Dioxus apps").await;
                hand.looks_right(&format!("notice-{name}")).await;
            }
            world.site.draw(drawn("/", ada(), Aside::Offline));
            browser.open("/").await;
            browser.sees("You are offline").await;
            hand.looks_right("notice-offline-signed-in").await;
        }
    });
}

#[test]
fn what_a_provider_says_fits_a_phone() {
    let said = "the-provider-does-not-believe-in-spaces-".repeat(8);
    let refusals = [
        ("denied", "access_denied"),
        ("mfa", "mfa_required"),
        (
            "other",
            "a_code_that_nobody_has_heard_of_and_that_is_longer_than_a_line",
        ),
    ];
    world().run(async |world| {
        let browser = &world.browser;
        for phone in [SMALL, LYING] {
            let hand = Hand::holding(phone, browser).await;
            for (name, code) in refusals {
                let refusal = Refusal::new(ErrorCode::new(code), Some(said.clone()), None);
                let failed = AuthState::Failed(Error::Refused(refusal));
                world.site.draw(drawn("/profile", failed, Aside::Nothing));
                browser.open("/profile").await;
                browser.sees("the-provider-does-not").await;
                hand.looks_right(&format!("refused-{name}")).await;
            }
        }
    });
}

fn nobody() -> AuthState {
    AuthState::SignedOut(Reason::Fresh)
}

fn ada() -> AuthState {
    signed_in(&json!({ "sub": "auth0|ada", "name": "Ada Lovelace", "email": "ada@example.com" }))
}

/// What is drawn.
#[derive(Clone)]
struct Scene {
    state: AuthState,
    aside: Aside,
}

/// The app at `path`, as HTML.
fn drawn(path: &str, state: AuthState, aside: Aside) -> String {
    let history = Rc::new(MemoryHistory::with_initial_path(path)) as Rc<dyn History>;
    let dom = VirtualDom::new(Stage).with_root_context(history);
    let mut dom = dom.with_root_context(Scene { state, aside });
    dom.rebuild_in_place();
    dioxus_ssr::render(&dom)
}

#[component]
fn Stage() -> Element {
    let auth = use_hook(|| {
        let Scene { state, aside } = consume_context();
        let auth = MemoryAuth::new(state);
        auth.set_aside(aside);
        Rc::new(auth)
    });
    rsx! {
        AuthContextProvider { context: auth, Router::<Route> {} }
    }
}
