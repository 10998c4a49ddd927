//! F5, F6, F7 and F8: networks that answer themselves, no network, wrong clocks, and machines that sleep.

use std::rc::Rc;
use std::time::Duration;

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
use futures_util::future::{Either, join_all, select};
use futures_util::poll;

use super::{
    ADA, Constant, LIFETIME, NEARLY, NetworkError, Scene, host, is_signed_in, token, token_of,
    unreachable,
};
use crate::world::NOW;

/// Lets `client` watch while `work` is done.
async fn watching<T>(client: &Client, work: impl Future<Output = T>) -> T {
    let watch = std::pin::pin!(client.watch());
    match select(watch, std::pin::pin!(work)).await {
        Either::Left(_) => panic!("watching never ends"),
        Either::Right((done, _)) => done,
    }
}

/// Lets so much time pass in which others act.
async fn pass(scene: &Scene, seconds: u64) {
    scene.memory.clock.sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn f05_a_network_that_answers_itself_gets_the_token_once_and_ends_nothing() {
    for fault in [Fault::CaptivePortal, Fault::Redirected] {
        let scene = Scene::expired().await;
        scene.fault(fault.clone());
        let error = scene.token().await;
        let intercepted = NetworkError::Intercepted { host: host() };
        assert_eq!(error, Err(Error::Network(intercepted)), "{fault:?}");
        scene.has_spent(&["rt-1"]);
        assert_eq!(
            scene.provider.count(Endpoint::Elsewhere),
            0,
            "no redirect is followed"
        );
        assert!(is_signed_in(&scene.client));
        assert!(scene.client.is_offline());
        assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-1"));
        assert_eq!(
            scene.token().await,
            Ok("at-2".into()),
            "once somebody has signed in there"
        );
        assert!(!scene.client.is_offline());
    }
}

#[tokio::test]
async fn f05b_a_good_token_is_handed_out_behind_a_captive_portal() {
    let scene = Scene::signed_in().await;
    scene.advance(NEARLY);
    scene.fault(Fault::CaptivePortal);
    assert_eq!(scene.token().await, Ok("at-1".into()));
}

#[tokio::test]
async fn f05c_a_portal_in_place_of_the_metadata_ends_nothing() {
    let scene = Scene::expired().await;
    let client = scene.restarted_without_metadata().await;
    scene
        .provider
        .fault(Endpoint::Discovery, Fault::CaptivePortal);
    assert!(token(&client).await.is_err_and(|error| error.is_network()));
    scene.has_spent(&[]);
    assert!(is_signed_in(&client));
    assert_eq!(token(&client).await, Ok("at-2".into()));
}

#[tokio::test]
async fn f06a_an_app_that_starts_offline_shows_its_user_and_uses_a_good_token() {
    let scene = Scene::signed_in().await;
    scene.memory.connection.set_offline(true);
    scene
        .provider
        .faults(Endpoint::Token, 9, Fault::NotConnected);
    scene
        .provider
        .faults(Endpoint::Discovery, 9, Fault::NotConnected);
    let sent = scene.provider.requests().len();
    let client = scene.another(&scene.memory);

    let AuthState::SignedIn(identity) = client.restore().await else {
        panic!("the user is still signed in");
    };

    assert_eq!(identity.user().sub(), ADA);
    assert!(client.is_offline());
    assert_eq!(token(&client).await, Ok("at-1".into()));
    assert_eq!(scene.provider.requests().len(), sent, "nothing is sent");
    scene.advance(NEARLY);
    assert_eq!(token(&client).await, Ok("at-1".into()), "better than none");
    scene.advance(LIFETIME - NEARLY);
    assert_eq!(token(&client).await, unreachable());
    assert!(is_signed_in(&client), "nobody is logged out");
}

#[tokio::test]
async fn f06b_a_machine_that_knows_it_is_offline_does_not_ask_again_and_again() {
    let scene = Scene::expired().await;
    scene.memory.connection.set_offline(true);
    scene
        .provider
        .faults(Endpoint::Token, 9, Fault::NotConnected);
    let begun = scene.elapsed();
    assert_eq!(scene.token().await, unreachable());
    assert_eq!(scene.spent().len(), 1);
    assert_eq!(scene.elapsed(), begun, "nobody is kept waiting");
}

#[tokio::test]
async fn f06c_who_is_back_online_gets_a_token_once_after_a_moment() {
    for needs in [0, 1, 5] {
        let scene = Scene::expired().await;
        watching(&scene.client, async {
            scene.memory.connection.set_offline(true);
            scene
                .provider
                .faults(Endpoint::Token, 9, Fault::NotConnected);
            for _ in 0..needs {
                assert!(scene.token().await.is_err());
            }
            scene.provider.forget_faults();
            let sent = scene.spent().len();
            let begun = scene.elapsed();
            scene.memory.connection.set_offline(false);
            pass(&scene, 10).await;

            assert_eq!(scene.spent().len(), sent + 1, "after {needs} needs");
            let renewal = &scene.provider.requests();
            let renewal = renewal.last().expect("it was sent");
            let waited = renewal.sent_at.seconds() - NOW - begun.as_secs() as i64;
            assert!((0..=3).contains(&waited), "{waited} s");
        })
        .await;
        assert!(!scene.client.is_offline());
        assert_eq!(scene.token().await, Ok("at-2".into()));
        assert!(scene.provider.breaches().is_empty());
    }
}

#[tokio::test]
async fn f06d_not_everybody_comes_at_once_when_the_network_is_back() {
    let mut moments = Vec::new();
    for chance in [0, 100, 255] {
        let mut scene = Scene::expired().await;
        let platform = Platform {
            entropy: Rc::new(Constant(chance)),
            ..scene.provider.platform(&scene.memory)
        };
        scene.client = super::client(&scene.settings, platform);
        scene.client.restore().await;
        let begun = scene.elapsed();
        watching(&scene.client, async {
            scene.memory.connection.set_offline(true);
            scene.memory.connection.set_offline(false);
            while scene.spent().is_empty() {
                pass(&scene, 0).await;
                super::turn().await;
            }
            moments.push(scene.elapsed() - begun);
        })
        .await;
    }
    assert!(
        moments.is_sorted_by(|less, more| less < more),
        "{moments:?}"
    );
    assert!(moments[2] <= Duration::from_millis(2100), "{moments:?}");
}

#[tokio::test]
async fn f06f_a_refresh_token_in_doubt_waits_for_a_need_when_the_network_is_back() {
    let scene = Scene::expired().await;
    scene.fault(Fault::AnswerLost);
    assert_eq!(scene.token().await, unreachable());
    watching(&scene.client, async {
        scene.memory.connection.set_offline(true);
        scene.memory.connection.set_offline(false);
        pass(&scene, 10).await;
    })
    .await;
    scene.has_spent(&["rt-1"]);
    assert!(is_signed_in(&scene.client));
}

#[tokio::test]
async fn f06e_a_good_token_is_not_renewed_because_the_network_is_back() {
    let scene = Scene::signed_in().await;
    watching(&scene.client, async {
        scene.memory.connection.set_offline(true);
        scene.memory.connection.set_offline(false);
        pass(&scene, 10).await;
    })
    .await;
    scene.has_spent(&[]);
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
