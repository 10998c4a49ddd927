//! The system may end the app at any moment while the browser is in front, and start it anew with the link.

use std::rc::Rc;

use dioxus_auth0::port::{Platform, Storage};
use dioxus_auth0::{AuthState, LoginOptions, Reason};
use futures_util::{FutureExt, poll};

use super::{ADA, CALLBACK, GRACE, Handset, ROUNDS, client, end, has_signed_in, signs_in, url};
use crate::slow::Slow;

#[tokio::test]
async fn an_app_that_lives_on_waits_for_the_link() {
    let handset = Handset::new();
    let mut login = handset
        .leave_with(LoginOptions::returning_to("/profile"))
        .await;
    assert_eq!(handset.pending(), 1, "kept before anything opens");
    assert_eq!(end(&mut login).await, None);
    handset.phone.open_link(handset.answer(ADA));

    let outcome = end(&mut login).await.expect("an end").expect("no failure");

    assert_eq!(
        outcome.as_ref().map(|it| it.return_to.as_str()),
        Some("/profile")
    );
    signs_in(outcome, ADA);
    assert_eq!(handset.phone.closed(), 1, "the browser is out of the way");
    assert_eq!(handset.pending(), 0);
    assert!(
        handset.take_links().await.is_empty(),
        "it was nobody else's"
    );
}

#[tokio::test]
async fn a_link_that_starts_the_app_anew_finishes_the_login() {
    let handset = Handset::new();
    let login = handset
        .leave_with(LoginOptions::returning_to("/profile"))
        .await;
    let answer = handset.answer(ADA);
    drop(login);
    let handset = handset.restarted();

    let outcome = handset.take(&answer).await;

    assert_eq!(
        outcome.as_ref().map(|it| it.return_to.as_str()),
        Some("/profile")
    );
    signs_in(outcome, ADA);
    assert_eq!(handset.pending(), 0);
    let restarted = handset.restarted();
    let restored = restarted.client.restore().await;
    assert!(matches!(restored, AuthState::SignedIn(_)), "{restored:?}");
}

#[tokio::test]
async fn a_link_may_come_a_little_after_the_start() {
    let handset = Handset::new();
    drop(handset.leave().await);
    let answer = handset.answer(ADA);
    let handset = handset.restarted();
    assert_eq!(
        handset.client.restore().await,
        AuthState::SignedOut(Reason::Unfinished)
    );
    assert!(handset.take_links().await.is_empty());
    signs_in(handset.take(&answer).await, ADA);
}

#[tokio::test]
async fn a_start_with_an_answer_to_nothing_is_like_any_other() {
    let handset = Handset::new();
    let planted = url(&format!("{CALLBACK}?code=c&state=of-nobody"));
    handset.ignores(&planted).await;
    assert_eq!(
        handset.client.restore().await,
        AuthState::SignedOut(Reason::Fresh)
    );
    assert_eq!(handset.sent(), 0);

    // The same while somebody is signed in from before.
    let mut login = handset.leave().await;
    handset.phone.open_link(handset.answer(ADA));
    has_signed_in(end(&mut login).await, ADA);
    let handset = handset.restarted();
    handset.ignores(&planted).await;
    let restored = handset.client.restore().await;
    assert!(matches!(restored, AuthState::SignedIn(_)), "{restored:?}");
}

/// A phone whose files take a while, so that there is a moment between any two steps.
fn slow() -> Handset {
    slowly(&Handset::new())
}

fn slowly(handset: &Handset) -> Handset {
    let mut slow = handset.restarted();
    let files: Rc<dyn Storage> = Rc::new(Slow(slow.memory.local_storage.clone()));
    let platform = Platform {
        session_storage: files.clone(),
        local_storage: files.clone(),
        usual_storage: files,
        ..super::platform(&slow.memory, &slow.provider, slow.phone.clone())
    };
    slow.client = client(&slow.settings, platform);
    slow
}

/// Ends the process after `polls` of a cold start with the answer, and says whether it got to its end.
async fn starts_for(handset: &Handset, answer: &url::Url, polls: usize) -> bool {
    let opening = handset.client.open_link(answer);
    let mut opening = std::pin::pin!(opening);
    for _ in 0..polls {
        if poll!(&mut opening).is_ready() {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_process_that_ends_at_any_moment_leaves_a_session_or_none_and_spends_a_code_once() {
    let (mut signed_in, mut signed_out) = (0, 0);
    for polls in 0..ROUNDS {
        let first = slow();
        drop(first.leave().await);
        let answer = first.answer(ADA);

        // Killed, and started by the same link again, as the system may.
        let is_over = starts_for(&slowly(&first), &answer, polls).await;
        let again = slowly(&first);
        let opened = again.client.open_link(&answer).await;

        assert!(again.trades() <= 1, "after {polls} polls");
        assert_eq!(again.pending(), 0, "after {polls} polls");
        match slowly(&first).client.restore().await {
            AuthState::SignedIn(_) => signed_in += 1,
            AuthState::SignedOut(Reason::Fresh) => {
                assert_eq!(opened, None, "after {polls} polls");
                signed_out += 1;
                // And the way in is open.
                let next = again.restarted();
                let mut login = next.leave().await;
                next.phone.open_link(next.answer(GRACE));
                has_signed_in(end(&mut login).await, GRACE);
            }
            other => panic!("after {polls} polls: {other:?}"),
        }
        if is_over {
            assert!(signed_in > 5 && signed_out > 5, "{signed_in} {signed_out}");
            return;
        }
    }
    panic!("the start never ends");
}

#[tokio::test]
async fn a_process_that_ends_at_any_moment_of_leaving_opens_no_page_it_cannot_answer_for() {
    for polls in 0..ROUNDS {
        let handset = slow();
        let client = handset.client.clone();
        let mut login = async move { client.login(LoginOptions::default()).await }.boxed_local();
        for _ in 0..polls {
            assert!(poll!(&mut login).is_pending());
        }
        drop(login);
        let opened = handset.phone.opened();
        if let Some(page) = opened.last() {
            let answer = handset.provider.authorize(page, ADA);
            signs_in(handset.restarted().take(&answer).await, ADA);
            return;
        }
    }
    panic!("no page was opened");
}
