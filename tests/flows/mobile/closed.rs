//! Ways not to log in: the browser is closed, the app gives up, another login comes, time runs out.

use std::time::Duration;

use dioxus_auth0::platform::mobile::PATIENCE;
use dioxus_auth0::port::PortError;
use dioxus_auth0::{AuthState, Error, LoginOptions, Reason};
use futures_channel::oneshot;
use futures_util::{FutureExt, poll};

use super::{ADA, GRACE, Handset, end, has_signed_in, signs_in};

const MINUTE: i64 = 60;

#[tokio::test]
async fn a_browser_that_is_closed_ends_the_login_and_keeps_it_for_a_late_link() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    handset.phone.close_browser();
    assert_eq!(end(&mut login).await, None, "a link may follow at once");
    handset.memory.clock.advance(1);
    assert_eq!(end(&mut login).await, Some(Err(Error::Cancelled)));
    assert_eq!(handset.phone.closed(), 0, "it may be out of sight only");
    assert_eq!(
        handset.client.restore().await,
        AuthState::SignedOut(Reason::Unfinished)
    );

    // It was out of sight only.
    handset.memory.clock.advance(9 * MINUTE);
    signs_in(handset.take(&answer).await, ADA);
}

#[tokio::test]
async fn a_link_just_after_the_end_of_the_browser_is_the_answer() {
    for link_first in [true, false] {
        let handset = Handset::new();
        let mut login = handset.leave().await;
        let answer = handset.answer(ADA);
        if link_first {
            handset.phone.open_link(answer);
            handset.phone.close_browser();
        } else {
            handset.phone.close_browser();
            assert_eq!(end(&mut login).await, None);
            handset.phone.open_link(answer);
        }
        has_signed_in(end(&mut login).await, ADA);
    }
}

#[tokio::test]
async fn the_end_of_an_earlier_browser_is_not_that_of_the_next() {
    let handset = Handset::new();
    let mut first = handset.leave().await;
    handset.phone.open_link(handset.answer(ADA));
    handset.phone.close_browser();
    has_signed_in(end(&mut first).await, ADA);

    let mut second = handset.leave().await;
    handset.memory.clock.advance(MINUTE);
    assert_eq!(end(&mut second).await, None);
}

#[tokio::test]
async fn a_login_that_the_app_gives_up_is_gone_for_good() {
    let handset = Handset::new();
    let leaving = handset.client.leave(LoginOptions::default()).await;
    let leaving = leaving.expect("the login can begin");
    assert!(leaving.is_in_front());
    let (cancel, cancelled) = oneshot::channel::<()>();
    let client = handset.client.clone();
    let finish = async move { client.finish(leaving, cancelled.map(drop)).await };
    let mut login = finish.boxed_local();
    assert_eq!(end(&mut login).await, None);
    let answer = handset.answer(ADA);

    drop(cancel);

    assert_eq!(end(&mut login).await, Some(Err(Error::Cancelled)));
    drop(login);
    assert_eq!(handset.phone.closed(), 1, "and so is its page");
    assert_eq!(handset.pending(), 0);
    handset.ignores(&answer).await;
    handset.restarted().ignores(&answer).await;
}

#[tokio::test]
async fn of_two_logins_the_last_one_counts() {
    let handset = Handset::new();
    let mut first = handset.leave().await;
    let of_first = handset.answer(ADA);
    // Whoever waits for the first is told only after the second has left.
    let mut second = handset.leave().await;
    let of_second = handset.answer(GRACE);

    assert_eq!(end(&mut first).await, Some(Err(Error::Cancelled)));
    drop(first);
    assert_eq!(handset.phone.closed(), 0, "the page is the second one's");
    handset.ignores(&of_first).await;
    assert_eq!(end(&mut second).await, None);
    handset.phone.open_link(of_second);
    assert!(
        handset.take_links().await.is_empty(),
        "it is the second one's"
    );
    has_signed_in(end(&mut second).await, GRACE);
    assert_eq!(handset.phone.closed(), 1);
}

#[tokio::test]
async fn a_login_whose_place_was_taken_before_it_left_opens_no_page() {
    let handset = Handset::new();
    let leaving = handset.client.leave(LoginOptions::default()).await;
    let leaving = leaving.expect("the login can begin");
    let mut second = handset.leave().await;
    let first = handset.client.finish(leaving, std::future::pending()).await;
    assert_eq!(first, Err(Error::Cancelled));
    assert_eq!(handset.phone.opened().len(), 1);
    handset.phone.open_link(handset.answer(ADA));
    has_signed_in(end(&mut second).await, ADA);
}

#[tokio::test]
async fn the_end_of_the_browser_is_that_of_the_last_login() {
    let handset = Handset::new();
    let mut first = handset.leave().await;
    let mut second = handset.leave().await;
    handset.phone.close_browser();
    assert_eq!(end(&mut first).await, Some(Err(Error::Cancelled)));
    assert_eq!(end(&mut second).await, None);
    handset.memory.clock.advance(1);
    assert_eq!(end(&mut second).await, Some(Err(Error::Cancelled)));
    assert_eq!(handset.pending(), 1, "the second one's, for a late link");
}

#[tokio::test]
async fn a_first_login_does_not_take_the_answer_of_the_second() {
    let handset = Handset::new();
    let mut first = handset.leave().await;
    let mut second = handset.leave().await;
    handset.phone.open_link(handset.answer(GRACE));
    assert_eq!(end(&mut first).await, Some(Err(Error::Cancelled)));
    has_signed_in(end(&mut second).await, GRACE);
}

#[tokio::test]
async fn a_login_waits_for_ten_minutes_and_then_counts_no_more() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    handset.memory.clock.advance(10 * MINUTE - 1);
    assert_eq!(end(&mut login).await, None);
    handset.memory.clock.advance(1);
    let seconds = PATIENCE.as_secs();
    assert_eq!(seconds, 600);
    assert_eq!(
        end(&mut login).await,
        Some(Err(Error::TimedOut { seconds }))
    );
    assert_eq!(handset.phone.closed(), 1, "nobody waits for that page");
    assert_eq!(handset.pending(), 0);
    handset.ignores(&answer).await;
}

#[tokio::test]
async fn a_link_after_ten_minutes_is_ignored_though_the_browser_was_only_closed() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    handset.phone.close_browser();
    assert_eq!(end(&mut login).await, None);
    handset.memory.clock.advance(1);
    assert_eq!(end(&mut login).await, Some(Err(Error::Cancelled)));
    handset.memory.clock.advance(10 * MINUTE);
    handset.ignores(&answer).await;
    handset.restarted().ignores(&answer).await;
    assert_eq!(
        handset.restarted().client.restore().await,
        AuthState::SignedOut(Reason::Fresh),
        "it is forgotten"
    );
    assert_eq!(handset.pending(), 0);
}

#[tokio::test]
async fn a_process_that_was_frozen_too_long_says_so_when_its_user_is_back() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    // Frozen: nothing is polled, while both clocks go on. Both the link and the end of the time are there then.
    handset.memory.clock.advance(11 * MINUTE);
    handset.phone.open_link(answer);
    let outcome = end(&mut login).await.expect("an end").expect("no failure");
    let AuthState::Failed(error) = outcome.expect("an answer").state else {
        panic!("a login that took too long failed");
    };
    assert_eq!(error.code(), "invalid_callback");
    assert_eq!(handset.trades(), 0);
}

#[tokio::test]
async fn a_phone_that_slept_for_less_than_that_is_answered() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    // It slept: the wall clock went on, and the other one stood still.
    let now = dioxus_auth0::port::Clock::now(&*handset.memory.clock);
    handset.memory.clock.set(now.seconds() + 9 * MINUTE);
    handset.phone.open_link(answer);
    has_signed_in(end(&mut login).await, ADA);
}

#[tokio::test]
async fn a_clock_that_is_set_back_a_little_hurts_no_login() {
    let handset = Handset::new();
    drop(handset.leave().await);
    let answer = handset.answer(ADA);
    let now = dioxus_auth0::port::Clock::now(&*handset.memory.clock);
    handset.memory.clock.set(now.seconds() - 30);
    signs_in(handset.restarted().take(&answer).await, ADA);
}

#[tokio::test]
async fn a_login_from_the_future_is_none() {
    let handset = Handset::new();
    drop(handset.leave().await);
    let answer = handset.answer(ADA);
    let now = dioxus_auth0::port::Clock::now(&*handset.memory.clock);
    handset.memory.clock.set(now.seconds() - 11 * MINUTE);
    handset.restarted().ignores(&answer).await;
}

#[tokio::test]
async fn a_phone_without_a_browser_says_so_at_once() {
    let handset = Handset::new();
    handset.phone.remove_browser();
    let login = handset.client.login(LoginOptions::default()).await;
    assert_eq!(login, Err(Error::Platform(PortError::NoBrowser)));
    assert_eq!(handset.pending(), 0);
    assert_eq!(handset.phone.closed(), 0, "there was nothing to close");
    assert_eq!(
        handset.client.restore().await,
        AuthState::SignedOut(Reason::Fresh)
    );
}

#[tokio::test]
async fn a_login_that_is_given_up_waits_no_longer_for_the_link() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    assert!(poll!(&mut login).is_pending());
    // The task is dropped with the link already there: it is lost for nobody.
    handset.phone.open_link(answer);
    drop(login);
    let outcomes = handset.take_links().await;
    assert_eq!(outcomes.len(), 1);
    signs_in(outcomes.into_iter().next().flatten(), ADA);
}

#[tokio::test]
async fn nobody_waits_longer_than_told() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    assert_eq!(end(&mut login).await, None);
    assert_eq!(handset.memory.clock.next_end(), Some(PATIENCE));
    handset.phone.close_browser();
    assert_eq!(end(&mut login).await, None);
    assert_eq!(
        handset.memory.clock.next_end(),
        Some(Duration::from_secs(1))
    );
}
