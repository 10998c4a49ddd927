//! F2 and F4: servers that want to be left alone, servers that are slow, and how long a caller waits at most.

use std::rc::Rc;
use std::time::Duration;

use dioxus_auth0::lifecycle::{DEADLINE, Standing};
use dioxus_auth0::port::Platform;
use dioxus_auth0::testing::{Endpoint, Fault, Wait};
use dioxus_auth0::time::UnixTime;
use dioxus_auth0::{Error, TokenOptions};
use futures_util::poll;

use super::{
    Constant, LIFETIME, NEARLY, NetworkError, Scene, host, is_signed_in, token, unavailable,
};
use crate::world::NOW;

/// The moment at which the access token has run out.
const THEN: i64 = NOW + LIFETIME;

fn busy(wait: Wait) -> Fault {
    Fault::RateLimited(Some(wait))
}

fn backed_off(seconds: u64) -> Result<String, Error> {
    let host = host();
    Err(Error::Network(NetworkError::Backoff { host, seconds }))
}

#[tokio::test]
async fn f02a_a_short_wait_is_kept_to_and_the_request_repeated() {
    for wait in [
        Wait::Seconds(5),
        Wait::Date(UnixTime::from_seconds(THEN + 5)),
        Wait::Reset(UnixTime::from_seconds(THEN + 5)),
    ] {
        let scene = Scene::expired().await;
        scene.fault(busy(wait));
        let begun = scene.elapsed();
        assert_eq!(scene.token().await, Ok("at-2".into()), "{wait:?}");
        scene.has_spent(&["rt-1", "rt-1"]);
        let waited = scene.elapsed() - begun;
        assert!(waited >= Duration::from_secs(5), "{wait:?}: {waited:?}");
        assert!(waited <= Duration::from_secs(6), "{wait:?}: {waited:?}");
    }
}

#[tokio::test]
async fn f02b_a_long_wait_is_not_waited_for_and_the_server_left_alone_until_then() {
    for wait in [
        Wait::Seconds(40),
        Wait::Date(UnixTime::from_seconds(THEN + 40)),
        Wait::Reset(UnixTime::from_seconds(THEN + 40)),
    ] {
        let scene = Scene::expired().await;
        scene.fault(busy(wait));
        let begun = scene.elapsed();
        assert_eq!(scene.token().await, unavailable(429), "{wait:?}");
        assert_eq!(scene.elapsed(), begun, "nobody is kept waiting");
        assert_eq!(scene.token().await, backed_off(40));
        scene.advance(39);
        assert_eq!(scene.token().await, backed_off(1));
        scene.has_spent(&["rt-1"]);
        assert!(is_signed_in(&scene.client));
        scene.advance(1);
        assert_eq!(scene.token().await, Ok("at-2".into()));
        scene.has_spent(&["rt-1", "rt-1"]);
    }
}

#[tokio::test]
async fn f02c_no_server_is_left_alone_for_longer_than_a_minute() {
    for wait in [
        Wait::Seconds(3600),
        Wait::Seconds(u64::MAX),
        Wait::Date(UnixTime::from_seconds(THEN + 86_400)),
        Wait::Reset(UnixTime::from_seconds(THEN + 86_400)),
    ] {
        let scene = Scene::expired().await;
        scene.fault(busy(wait));
        assert_eq!(scene.token().await, unavailable(429));
        assert_eq!(scene.token().await, backed_off(60), "{wait:?}");
        scene.advance(60);
        assert_eq!(scene.token().await, Ok("at-2".into()), "{wait:?}");
    }
}

#[tokio::test]
async fn f02d_a_wait_in_the_past_is_none() {
    for wait in [
        Wait::Seconds(0),
        Wait::Date(UnixTime::from_seconds(THEN - 60)),
        Wait::Reset(UnixTime::from_seconds(0)),
    ] {
        let scene = Scene::expired().await;
        scene.fault(busy(wait));
        let begun = scene.elapsed();
        assert_eq!(scene.token().await, Ok("at-2".into()), "{wait:?}");
        assert!(scene.elapsed() - begun <= Duration::from_secs(1));
    }
}

#[tokio::test]
async fn f02e_a_busy_server_is_asked_three_times_at_most() {
    for wait in [None, Some(Wait::Seconds(1))] {
        let scene = Scene::expired().await;
        scene
            .provider
            .faults(Endpoint::Token, 4, Fault::RateLimited(wait));
        assert_eq!(scene.token().await, unavailable(429));
        scene.has_spent(&["rt-1"; 3]);
        assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-1"));
        let standing = scene.client.standing(&TokenOptions::default());
        assert_eq!(standing, Standing::Expired, "there is no doubt");
    }
}

#[tokio::test]
async fn f02f_a_good_token_is_used_to_its_real_end_meanwhile() {
    let scene = Scene::signed_in().await;
    scene.advance(NEARLY);
    scene.fault(busy(Wait::Seconds(60)));
    assert_eq!(scene.token().await, Ok("at-1".into()));
    scene.advance(29);
    assert_eq!(scene.token().await, Ok("at-1".into()));
    scene.has_spent(&["rt-1"]);
    scene.advance(1);
    assert_eq!(scene.token().await, backed_off(30));
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn f02g_other_tabs_and_a_restart_leave_the_server_alone_as_well() {
    let scene = Scene::expired().await;
    scene.fault(busy(Wait::Seconds(40)));
    assert_eq!(scene.token().await, unavailable(429));
    let client = scene.restarted().await;
    assert_eq!(token(&client).await, backed_off(40));
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn f02h_waits_are_spread_by_chance_within_their_bounds() {
    let mut waits = Vec::new();
    for chance in [0, 64, 128, 255] {
        let mut scene = Scene::expired().await;
        let platform = Platform {
            entropy: Rc::new(Constant(chance)),
            ..scene.provider.platform(&scene.memory)
        };
        scene.client = super::client(&scene.settings, platform);
        scene.client.restore().await;
        scene
            .provider
            .faults(Endpoint::Token, 2, Fault::NotConnected);
        let begun = scene.elapsed();
        assert_eq!(scene.token().await, Ok("at-2".into()));
        waits.push(scene.elapsed() - begun);
    }
    assert_eq!(waits[0], Duration::ZERO, "full jitter begins at nothing");
    assert!(waits.is_sorted_by(|less, more| less < more), "{waits:?}");
    assert_eq!(waits[3], Duration::from_secs(3), "1 s and 2 s");
}

#[tokio::test]
async fn f04a_a_slow_answer_is_waited_for_and_one_that_is_too_slow_is_in_doubt() {
    let scene = Scene::expired().await;
    scene.fault(Fault::Slow(Duration::from_secs(14)));
    assert_eq!(scene.token().await, Ok("at-2".into()));
    scene.has_spent(&["rt-1"]);

    let scene = Scene::expired().await;
    scene.fault(Fault::Slow(Duration::from_secs(60)));
    let begun = scene.elapsed();
    let timeout = NetworkError::Timeout {
        host: host(),
        seconds: 15,
    };
    assert_eq!(scene.token().await, Err(Error::Network(timeout)));
    assert_eq!(scene.elapsed() - begun, DEADLINE);
    scene.has_spent(&["rt-1"]);
    let standing = scene.client.standing(&TokenOptions::default());
    assert_eq!(standing, Standing::InDoubt);
}

#[tokio::test]
async fn f04b_all_tries_together_take_no_longer_than_the_deadline() {
    let scene = Scene::expired().await;
    scene.fault(busy(Wait::Seconds(9)));
    scene.fault(Fault::Slow(Duration::from_secs(14)));
    let begun = scene.elapsed();
    let error = scene.token().await.expect_err("it takes too long");
    assert!(error.is_network(), "{error:?}");
    assert_eq!(scene.elapsed() - begun, DEADLINE);
    scene.has_spent(&["rt-1", "rt-1"]);
}

#[tokio::test]
async fn f04c_a_machine_that_slept_sends_nothing_after_the_deadline() {
    let scene = Scene::expired().await;
    scene.fault(busy(Wait::Seconds(5)));
    scene.memory.clock.hold(true);
    let mut asking = Box::pin(scene.token());
    for _ in 0..20 {
        assert!(poll!(&mut asking).is_pending(), "it waits for 5 s");
    }
    scene.has_spent(&["rt-1"]);
    // The lid is closed for an hour: the wall clock goes on and the monotonic one does not.
    scene.memory.clock.set(THEN + 3600);
    scene.memory.clock.hold(false);
    let error = asking.await.expect_err("it has taken too long");
    assert!(error.is_network(), "{error:?}");
    scene.has_spent(&["rt-1"]);
    let standing = scene.client.standing(&TokenOptions::default());
    assert_eq!(standing, Standing::Expired, "there is no doubt");
    assert_eq!(scene.token().await, Ok("at-2".into()));
}

#[tokio::test]
async fn f04d_a_refresh_token_is_not_sent_when_no_time_is_left_for_the_answer() {
    let scene = Scene::expired().await;
    let client = scene.restarted_without_metadata().await;
    scene
        .provider
        .fault(Endpoint::Discovery, Fault::Slow(Duration::from_secs(8)));
    scene
        .provider
        .fault(Endpoint::Keys, Fault::Slow(Duration::from_secs(8)));
    let error = token(&client).await.expect_err("it has taken too long");
    assert!(error.is_network(), "{error:?}");
    scene.has_spent(&[]);
    assert_eq!(token(&client).await, Ok("at-2".into()));
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn f04e_who_joins_does_not_wait_for_one_server_after_the_other() {
    let scene = Scene::expired().await;
    scene.fault(Fault::Slow(Duration::from_secs(60)));
    let other = TokenOptions {
        min_ttl: Duration::from_secs(600),
        ..TokenOptions::default()
    };
    let begun = scene.elapsed();
    let both = futures_util::future::join(scene.token(), scene.client.access_token(&other)).await;
    assert!(both.0.is_err() && both.1.is_err());
    assert_eq!(scene.elapsed() - begun, DEADLINE);
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn f04f_a_provider_that_must_be_found_first_does_not_make_the_wait_longer() {
    let scene = Scene::expired().await;
    let client = scene.restarted_without_metadata().await;
    let slow = |seconds| Fault::Slow(Duration::from_secs(seconds));
    scene.provider.fault(Endpoint::Discovery, slow(10));
    scene.provider.fault(Endpoint::Keys, slow(8));
    let begun = scene.elapsed();
    let error = token(&client).await.expect_err("it has taken too long");
    assert!(error.is_network(), "{error:?}");
    assert_eq!(scene.elapsed() - begun, DEADLINE);
    scene.has_spent(&[]);
    assert_eq!(token(&client).await, Ok("at-2".into()));
    assert_eq!(
        scene.provider.count(Endpoint::Keys),
        2,
        "it went on meanwhile"
    );
}

#[tokio::test]
async fn f04g_a_refresh_token_is_not_sent_in_haste() {
    let scene = Scene::expired().await;
    scene.fault(busy(Wait::Seconds(13)));
    scene.fault(Fault::Slow(Duration::from_secs(3)));
    assert_eq!(scene.token().await, unavailable(429));
    scene.has_spent(&["rt-1"]);
    scene.advance(13);
    assert_eq!(scene.token().await, Ok("at-2".into()));
    scene.has_spent(&["rt-1", "rt-1"]);

    let scene = Scene::expired().await;
    let client = scene.restarted_without_metadata().await;
    let slow = Fault::Slow(Duration::from_secs(13));
    scene.provider.fault(Endpoint::Discovery, slow);
    scene.fault(Fault::Slow(Duration::from_secs(3)));
    assert!(token(&client).await.is_err_and(|error| error.is_network()));
    scene.has_spent(&[]);
    assert_eq!(token(&client).await, Ok("at-2".into()));
}
