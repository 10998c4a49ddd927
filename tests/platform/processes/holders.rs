//! Whoever refreshes for all is killed, or stands still.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::json;
use tenant::{Endpoint, Fault, Tenant};

use super::{ADA, OVER, Scene, all, answers, is_token};
use crate::files::process::{Child, LOCK_TIMEOUT};
use crate::files::report;
use crate::files::world::{application, tenant_of};

/// Nobody on a busy machine takes longer for what is done at once.
const SOON: Duration = Duration::from_secs(15);

/// A scene on the day after a login, with a process that will refresh and some others.
async fn morning() -> (Scene, Child, Vec<Child>) {
    wake(Scene::new().await)
}

fn wake(scene: Scene) -> (Scene, Child, Vec<Child>) {
    scene.log_in(ADA);
    let mut children = scene.followers(6);
    scene.pass_a_day(&mut [&mut children]);
    let holder = children.pop().expect("there are six");
    (scene, holder, children)
}

fn ask_all(children: &mut [Child]) {
    for child in children {
        child.tell("tokens 3");
    }
    // Long enough for all to wait for the lock.
    std::thread::sleep(Duration::from_millis(300));
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_those_who_wait_for_a_holder_that_is_killed_in_its_slow_request_go_on_at_once() {
    let (scene, mut holder, mut others) = morning().await;
    scene.begin_slowly(Duration::from_secs(60), &mut holder);
    ask_all(&mut others);
    let start = Instant::now();
    holder.kill();
    let token = answers(&mut others);
    report(&format!(
        "waiters go on {:?} after the holder was killed",
        start.elapsed()
    ));
    assert!(is_token(&token), "{token}");
    assert!(start.elapsed() < SOON);
    // The tenant has not acted on the first of them, which nobody but the tenant can know.
    assert_eq!(scene.spent(), [2]);
    let mut again = [scene.child()];
    assert_eq!(all(&mut again, "tokens 3"), token);
    assert_eq!(scene.spent(), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_a_holder_killed_with_the_only_answer_costs_one_login_in_one_process() {
    let (scene, mut holder, mut others) = morning().await;
    scene.stop_at("answer", &mut holder);
    ask_all(&mut others);
    holder.kill();
    assert_eq!(answers(&mut others), OVER);
    assert_eq!(all(&mut others, "who"), "nobody");
    assert_eq!(scene.spent(), [2], "one of them has found out for all");
    assert!(!scene.has_session());

    // The user logs in once, and everybody goes on, the one that was killed as well.
    assert_eq!(others[0].ask(&format!("log in {ADA}")), "done");
    let found = others[0].ask("token");
    for other in &mut others[1..] {
        assert!(
            other
                .ask(&format!("until {ADA} 20000"))
                .starts_with("since")
        );
    }
    assert_eq!(all(&mut others, "tokens 3"), found);
    assert_eq!(scene.child().ask("who"), ADA);
    assert_eq!(scene.spent(), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_a_doubt_outlives_the_process_that_had_it_and_one_of_the_others_settles_it() {
    let (scene, mut holder, mut others) = morning().await;
    let faults = scene.tenant.faults();
    faults.set(Endpoint::Token, Fault::LoseAnswer, Some(1));
    assert_eq!(holder.ask("tokens 3"), "error network_error");
    assert_eq!(scene.spent(), [1], "it is not repeated blindly");
    holder.kill();
    // Those who ask within the same second are told that somebody was not answered just now.
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(all(&mut others, "tokens 3"), OVER);
    assert_eq!(scene.spent(), [2], "it is tried once more, by one for all");
}

/// A tenant that takes a spent refresh token for three minutes more, and an app that knows.
async fn with_overlap() -> Scene {
    let tenant = Tenant::builder().overlap(Duration::from_secs(180));
    let tenant = tenant_of(application(), tenant).await;
    Scene::of(tenant, &[("refreshTokenOverlap", json!(180))])
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_within_the_overlap_a_killed_or_frozen_holder_costs_nothing() {
    for is_killed in [true, false] {
        let (scene, mut holder, mut others) = wake(with_overlap().await);
        scene.stop_at("answer", &mut holder);
        match is_killed {
            true => holder.kill(),
            false => holder.signal(Signal::SIGSTOP),
        }
        let token = all(&mut others, "tokens 3");
        assert!(is_token(&token), "{token}");
        assert_eq!(scene.spent(), [2]);
        if !is_killed {
            holder.signal(Signal::SIGCONT);
            assert_eq!(holder.ask("go"), token, "the newer session holds");
        }
        assert_eq!(all(&mut others, "tokens 3"), token);
        assert_eq!(scene.spent(), [2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_for_a_frozen_holder_make_one_request_when_their_patience_is_over() {
    let (scene, mut holder, mut others) = morning().await;
    scene.stop_at("locked", &mut holder);
    holder.signal(Signal::SIGSTOP);
    let start = Instant::now();
    let token = all(&mut others, "tokens 3");
    let waited = start.elapsed();
    report(&format!(
        "waiters go on {waited:?} after the holder was frozen"
    ));
    assert!(is_token(&token), "{token}");
    assert!(LOCK_TIMEOUT <= waited && waited < LOCK_TIMEOUT + SOON);
    assert_eq!(scene.spent(), [1]);
    // Nobody waits for it once more.
    scene.pass_a_day(&mut [&mut others]);
    let start = Instant::now();
    let newer = all(&mut others, "tokens 3");
    let waited = start.elapsed();
    report(&format!("the next refresh takes {waited:?}"));
    assert!(is_token(&newer) && newer != token, "{newer}");
    assert_eq!(scene.spent(), [1, 1]);

    holder.signal(Signal::SIGCONT);
    assert_eq!(holder.ask("go"), newer, "it looks before it sends");
    assert_eq!(scene.spent(), [1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_holder_that_wakes_neither_spends_its_token_again_nor_writes_over_a_newer_session()
{
    for stage in ["under way", "answer", "write"] {
        let (scene, mut holder, mut others) = morning().await;
        match stage {
            "under way" => {
                scene.begin_slowly(Duration::from_millis(100), &mut holder);
                holder.signal(Signal::SIGSTOP);
                scene.until("the tenant has answered", || {
                    let requests = scene.tenant.requests();
                    let last = requests.iter().rfind(|one| one.path == "/oauth/token");
                    last.is_some_and(|one| one.status.is_some())
                });
            }
            stage => {
                scene.stop_at(stage, &mut holder);
                holder.signal(Signal::SIGSTOP);
            }
        }
        let start = Instant::now();
        assert_eq!(all(&mut others, "tokens 3"), OVER, "{stage}");
        assert!(start.elapsed() < LOCK_TIMEOUT + SOON, "{stage}");
        assert_eq!(others[0].ask(&format!("log in {ADA}")), "done");
        let token = others[0].ask("token");
        let before = scene.spent();
        assert_eq!(before, [2], "{stage}: one of them finds out for all");

        holder.signal(Signal::SIGCONT);
        if stage != "under way" {
            holder.tell("go");
        }
        let woken = holder.answer().expect("it lives");
        assert!(woken == OVER || woken == token, "{stage}: {woken}");
        assert!(
            holder
                .ask(&format!("until {ADA} 20000"))
                .starts_with("since")
        );
        assert_eq!(holder.ask("token"), token, "{stage}");
        assert_eq!(scene.child().ask("token"), token, "{stage}");
        assert_eq!(scene.spent(), before, "{stage}");
    }
}
