//! A logout, a login and another user's login, as the other processes see them.

use std::time::{Duration, Instant};

use tenant::{Endpoint, Fault};

use super::{ADA, GRACE, OVER, Scene, all, is_token};
use crate::files::process::Child;
use crate::files::report;

/// What is promised is a second. A machine that runs all tests at once has other things to do.
const BOUND: u128 = 5_000_000;

/// The moment in an answer, in microseconds since 1970.
fn moment(answer: Option<String>) -> u128 {
    let answer = answer.expect("the child lives");
    let moment = answer.strip_prefix("since ").map(str::parse);
    match moment {
        Some(Ok(moment)) => moment,
        _ => panic!("a moment is expected: {answer}"),
    }
}

/// Lets all of them wait until `who` is signed in.
fn await_all(children: &mut [Child], who: &str) {
    for child in children {
        child.tell(&format!("until {who} 20000"));
    }
}

/// Gives the longest time from `begun` until all of them knew, in microseconds.
fn known_after(begun: u128, children: &mut [Child]) -> u128 {
    let moments = children.iter_mut().map(|child| moment(child.answer()));
    let last = moments.max().expect("there are some");
    last.saturating_sub(begun)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_and_a_login_reach_every_process_within_a_second() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let mut one = scene.child();
    let mut others = scene.followers(8);
    assert_eq!(all(&mut others, "who"), ADA);

    await_all(&mut others, "nobody");
    let begun = moment(Some(one.ask("leave")));
    let after = known_after(begun, &mut others);
    report(&format!("a logout reaches 8 processes within {after} µs"));
    assert!(after < BOUND, "{after} µs");
    assert_eq!(all(&mut others, "who"), "nobody");
    assert_eq!(all(&mut others, "reason"), "LoggedOut");
    assert_eq!(all(&mut others, "tokens 3"), OVER);
    assert_eq!(scene.spent(), [0; 0], "nothing is sent for nobody");

    await_all(&mut others, ADA);
    assert_eq!(one.ask(&format!("log in {ADA}")), "done");
    known_after(0, &mut others);
    assert!(is_token(&all(&mut others, "tokens 3")));
    assert_eq!(scene.spent(), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_users_login_reaches_every_process_and_no_caller_gets_the_others_token() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let mut one = scene.child();
    let mut others = scene.followers(4);
    let adas = all(&mut others, "tokens 3");
    await_all(&mut others, GRACE);
    assert_eq!(one.ask(&format!("log in {GRACE}")), "done");
    known_after(0, &mut others);
    let graces = all(&mut others, "tokens 3");
    assert!(is_token(&graces) && graces != adas);
    assert_eq!(one.ask("token"), graces);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_users_login_while_callers_wait_gives_them_nobodys_token() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let mut others = scene.followers(4);
    let mut one = [scene.child()];
    scene.pass_a_day(&mut [&mut others, &mut one]);
    let [mut one] = one;
    let mut holder = others.pop().expect("there are four");
    scene.stop_at("answer", &mut holder);
    for other in &mut others {
        other.tell("tokens 3");
    }
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(one.ask(&format!("log in {GRACE}")), "done");
    assert_eq!(holder.ask("go"), OVER);
    for other in &mut others {
        assert_eq!(other.answer().as_deref(), Some(OVER));
    }
    others.push(holder);
    let graces = one.ask("token");
    await_all(&mut others, GRACE);
    known_after(0, &mut others);
    assert_eq!(all(&mut others, "tokens 3"), graces);
    assert_eq!(scene.spent(), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_under_way_during_a_logout_elsewhere_brings_nothing_back() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let mut others = scene.followers(3);
    let mut one = [scene.child()];
    scene.pass_a_day(&mut [&mut others, &mut one]);
    let [mut one] = one;
    let mut holder = others.pop().expect("there are three");
    scene.begin_slowly(Duration::from_secs(1), &mut holder);
    await_all(&mut others, "nobody");
    let begun = moment(Some(one.ask("leave")));
    let after = known_after(begun, &mut others);
    assert!(after < BOUND, "{after} µs");
    assert_eq!(holder.answer().as_deref(), Some(OVER));
    assert_eq!(holder.ask("who"), "nobody");
    assert!(!scene.has_session(), "nothing came back");
    others.push(holder);
    assert_eq!(all(&mut others, "tokens 3"), OVER);
    assert_eq!(scene.child().ask("who"), "nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_that_revokes_at_a_provider_that_hangs_ends_the_session_at_once_and_itself_soon() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let mut others = scene.followers(2);
    let mut one = scene.child();
    let slow = Fault::Slow(Duration::from_secs(60));
    scene.tenant.faults().set(Endpoint::Revoke, slow, None);
    await_all(&mut others, "nobody");
    let start = Instant::now();
    one.tell("revoke");
    scene.until("it is revoked", || scene.asked("/oauth/revoke") == 1);
    assert!(
        !scene.has_session(),
        "it is over here before anybody is asked"
    );
    known_after(0, &mut others);
    let known = start.elapsed();
    let answer = one.answer().expect("it lives");
    let took = answer.strip_prefix("took ").map(str::parse::<u64>);
    let Some(Ok(took)) = took else {
        panic!("a figure is expected: {answer}");
    };
    report(&format!(
        "a logout whose revocation hangs is known elsewhere after {known:?} and takes {took} ms"
    ));
    assert!((2900..3000 + 5000).contains(&took), "{took} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_that_revokes_leaves_no_refresh_token_that_works() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let mut one = scene.child();
    let stored = crate::files::session_file(&scene.directory());
    let copy = std::fs::read(&stored).expect("it is read");
    assert!(one.ask("revoke").starts_with("took"));
    assert_eq!(scene.asked("/oauth/revoke"), 1);
    // Somebody has kept a copy of the file.
    std::fs::write(&stored, copy).expect("it is written");
    let mut thief = [scene.child()];
    scene.pass_a_day(&mut [&mut thief]);
    assert_eq!(thief[0].ask("who"), ADA);
    assert_eq!(all(&mut thief, "token"), OVER);
    assert_eq!(scene.spent(), [1]);
}
