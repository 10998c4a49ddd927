//! Links are delivered twice: warm, cold, and both.

use dioxus_auth0::port::{Platform, Storage};
use futures_util::future::join3;
use std::rc::Rc;

use super::{ADA, Handset, client, end, has_signed_in, signs_in};
use crate::slow::Slow;

#[tokio::test]
async fn a_copy_of_the_link_that_ended_the_login_is_ignored() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    handset.phone.open_link(answer.clone());
    handset.phone.open_link(answer.clone());
    has_signed_in(end(&mut login).await, ADA);

    let sent = handset.sent();
    assert_eq!(handset.take_links().await, [None], "the second copy");
    handset.ignores(&answer).await;
    assert_eq!(handset.sent(), sent);
    assert_eq!(handset.trades(), 1);
}

#[tokio::test]
async fn a_copy_of_the_link_that_started_the_app_is_ignored() {
    let handset = Handset::new();
    drop(handset.leave().await);
    let answer = handset.answer(ADA);
    let handset = handset.restarted();
    handset.phone.open_link(answer.clone());
    handset.phone.open_link(answer.clone());
    let mut outcomes = handset.take_links().await;
    assert_eq!(outcomes.pop(), Some(None));
    signs_in(outcomes.pop().flatten(), ADA);
    assert_eq!(handset.trades(), 1);

    // The system starts an app anew with what started it before.
    handset.restarted().ignores(&answer).await;
    assert_eq!(handset.trades(), 1);
}

#[tokio::test]
async fn a_link_that_was_answered_warm_is_ignored_cold() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    handset.phone.open_link(answer.clone());
    has_signed_in(end(&mut login).await, ADA);
    handset.restarted().ignores(&answer).await;
}

/// Two copies of one answer must not spend its code twice: providers end the session of a code that comes again
/// ([RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)).
#[tokio::test]
async fn copies_at_the_same_time_spend_one_code_once() {
    let handset = Handset::new();
    drop(handset.leave().await);
    let answer = handset.answer(ADA);
    let handset = handset.restarted();
    let files: Rc<dyn Storage> = Rc::new(Slow(handset.memory.local_storage.clone()));
    let platform = Platform {
        session_storage: files.clone(),
        local_storage: files.clone(),
        usual_storage: files,
        ..super::platform(&handset.memory, &handset.provider, handset.phone.clone())
    };
    let client = client(&handset.settings, platform);

    let (first, second, third) = join3(
        client.open_link(&answer),
        client.open_link(&answer),
        client.open_link(&answer),
    )
    .await;

    assert_eq!(handset.trades(), 1);
    let outcomes = [first, second, third].into_iter().flatten();
    let outcomes: Vec<_> = outcomes.collect();
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    signs_in(outcomes.into_iter().next(), ADA);
}
