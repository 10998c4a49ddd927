//! F7 and F8: clocks that are wrong or set, and machines that sleep.

use std::rc::Rc;

use dioxus::prelude::*;
use dioxus_auth0::client::Client;
use dioxus_auth0::components::Problem;
use dioxus_auth0::error::ProtocolError;
use dioxus_auth0::lifecycle::Standing;
use dioxus_auth0::oidc::IdTokenError;
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::port::{Clock, Http, HttpRequest, HttpResponse, Platform, Task};
use dioxus_auth0::testing::{Endpoint, Fault, MemoryProvider, Rules};
use dioxus_auth0::{AuthState, Error, TokenOptions};
use futures_util::future::join_all;
use futures_util::poll;

use super::{ADA, NEARLY, Scene, is_signed_in, token, token_of};
use crate::world::NOW;

/// The provider as a page sees it: without the header `Date`.
struct Dateless(Rc<MemoryProvider>);

impl Http for Dateless {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        Box::pin(async move {
            let mut answer = self.0.send(request).await?;
            answer.headers_mut().remove("date");
            Ok(answer)
        })
    }
}

fn dateless(scene: &Scene) -> Client {
    let platform = Platform {
        http: Rc::new(Dateless(scene.provider.clone())),
        ..scene.provider.platform(&scene.memory)
    };
    super::client(&scene.settings, platform)
}

#[tokio::test]
async fn f07a_a_clock_that_is_set_back_or_forward_ends_nothing_and_asks_once_at_most() {
    for jump in [-3600, 3600, -86_400, 86_400] {
        let scene = Scene::signed_in().await;
        scene.memory.clock.set(NOW + jump);
        // The provider is not taken in by that.
        scene.provider.change_rules(|rules| rules.ahead = -jump);
        for _ in 0..5 {
            assert!(scene.token().await.is_ok(), "{jump}");
        }
        assert!(scene.spent().len() <= 1, "{jump}: {:?}", scene.spent());
        assert!(is_signed_in(&scene.client));
        let client = scene.restarted().await;
        assert!(is_signed_in(&client), "{jump}");
        assert!(token(&client).await.is_ok());
        assert!(scene.spent().len() <= 2, "{jump}: {:?}", scene.spent());
        assert!(scene.provider.breaches().is_empty());
    }
}

#[tokio::test]
async fn f07b_lifetimes_are_counted_by_the_time_that_passes_when_the_clock_is_set_back() {
    let scene = Scene::signed_in().await;
    scene.memory.clock.set(NOW - 3600);
    scene.provider.change_rules(|rules| rules.ahead = 3600);
    scene.advance(NEARLY);
    assert_eq!(scene.token().await, Ok("at-2".into()), "it is near its end");
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn f07c_a_machine_whose_clock_is_wrong_all_the_time_is_as_good_as_any() {
    for ahead in [-86_400, -3600, 3600, 86_400] {
        let rules = Rules {
            ahead,
            ..Rules::default()
        };
        for use_refresh_tokens in [true, false] {
            let rules = rules.clone();
            let scene = Scene::signed_in_with(rules, |it| {
                it.use_refresh_tokens = use_refresh_tokens;
            })
            .await;
            assert_eq!(scene.token().await, Ok("at-1".into()), "{ahead}");
            let client = scene.restarted().await;
            assert!(is_signed_in(&client), "{ahead} {use_refresh_tokens}");
            assert_eq!(token(&client).await, Ok("at-1".into()), "{ahead}");
            scene.has_spent(&[]);
            scene.advance(NEARLY);
            let next = match use_refresh_tokens {
                true => Ok("at-2".into()),
                false => Err(Error::Expired),
            };
            assert_eq!(token(&client).await, next, "{ahead}");
        }
    }
}

#[tokio::test]
async fn f07d_a_wait_that_a_clock_has_moved_away_is_not_waited_for() {
    let scene = Scene::expired().await;
    let wait = Some(dioxus_auth0::testing::Wait::Seconds(40));
    scene.fault(Fault::RateLimited(wait));
    assert!(scene.token().await.is_err());
    scene.memory.clock.set(NOW - 86_400);
    let client = scene.restarted().await;
    // The access token seems to hold for a day more; only its provider knows better.
    let fresh = TokenOptions {
        cache: CacheMode::Off,
        ..TokenOptions::default()
    };
    assert_eq!(token_of(&client, &fresh).await, Ok("at-2".into()));
    scene.has_spent(&["rt-1", "rt-1"]);
}

#[tokio::test]
async fn f08_a_machine_that_slept_for_hours_asks_once_for_all() {
    let scene = Scene::signed_in().await;
    // The wall clock alone goes on while a machine sleeps.
    scene.memory.clock.set(NOW + 8 * 3600);
    let all = join_all((0..30).map(|_| scene.token())).await;
    assert!(all.iter().all(|it| *it == Ok("at-2".into())), "{all:?}");
    scene.has_spent(&["rt-1"]);
    let standing = scene.client.standing(&TokenOptions::default());
    assert_eq!(standing, Standing::Valid);
}

#[tokio::test]
async fn f08b_nobody_asks_while_nobody_needs_a_token() {
    let scene = Scene::signed_in().await;
    let mut watch = Box::pin(scene.client.watch());
    scene.memory.clock.set(NOW + 8 * 3600);
    for _ in 0..100 {
        assert!(poll!(&mut watch).is_pending());
    }
    scene.has_spent(&[]);
}

#[tokio::test]
async fn f07e_a_page_whose_clock_jumps_asks_once_at_most_and_logs_nobody_out() {
    for jump in [-3600, 3600] {
        let scene = Scene::with(Rules::default(), |_| {});
        let client = dateless(&scene);
        scene.sign_in_to(&client, &scene.memory, ADA).await;
        for (seconds, ahead) in [(jump, -jump), (-jump, 0)] {
            let now = scene.memory.clock.now().seconds();
            scene.memory.clock.set(now + seconds);
            scene.provider.change_rules(|rules| rules.ahead = ahead);
            for _ in 0..5 {
                assert!(token(&client).await.is_ok(), "{jump}");
            }
        }
        assert!(scene.spent().len() <= 2, "{jump}: {:?}", scene.spent());
        assert!(is_signed_in(&client));
        assert!(scene.provider.breaches().is_empty());
    }
}

#[tokio::test]
async fn f07f_a_login_on_a_page_whose_clock_is_wrong_says_so() {
    for ahead in [-86_400, 3600] {
        let scene = Scene::with(
            Rules {
                ahead,
                ..Rules::default()
            },
            |_| {},
        );
        let client = dateless(&scene);
        let outcome = scene.provider.sign_in(&client, &scene.memory, ADA).await;
        let AuthState::Failed(error) = outcome.expect("the login can begin").state else {
            panic!("the ID token is of another time");
        };
        let is_clock = matches!(
            &error,
            Error::Protocol(ProtocolError::IdToken(
                IdTokenError::Expired { .. } | IdTokenError::NotYetValid { .. }
            ))
        );
        assert!(is_clock, "{ahead}: {error:?}");
        assert!(
            scene.provider.count(Endpoint::Token) == 1,
            "there is no loop"
        );
        let mut dom = VirtualDom::new_with_props(Told, ToldProps { error });
        dom.rebuild_in_place();
        let told = dioxus_ssr::render(&dom);
        assert!(told.contains("Check the clock of this device"), "{told}");
    }
}

#[component]
fn Told(error: Error) -> Element {
    rsx! { Problem { error } }
}
