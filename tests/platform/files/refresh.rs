//! S11 to S15: several processes, one session, and a provider that ends it when a refresh token comes twice.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tempfile::TempDir;
use tenant::{Endpoint, Fault, Tenant};

use super::process::{Child, LOCK_TIMEOUT};
use super::world::{Machine, expire_next_token, refreshes, tenant};
use super::{leftovers, place, report, session_file};

const ADA: &str = "ada@example.com";
const GRACE: &str = "grace@example.com";
const OVER: &str = "error login_required";

/// A tenant, and a machine of one user.
struct Scene {
    tenant: Tenant,
    _place: TempDir,
    directory: PathBuf,
}

impl Scene {
    async fn new() -> Self {
        let place = place();
        let directory = place.path().join("app");
        Self {
            tenant: tenant().await,
            _place: place,
            directory,
        }
    }

    /// Somebody logs in, in a process of their own, and the token is over when they have it.
    async fn log_in_expired(&self, email: &str) {
        expire_next_token(&self.tenant);
        self.log_in(email).await;
    }

    async fn log_in(&self, email: &str) {
        let machine = Machine::plain(self.tenant.issuer(), &self.directory);
        machine.log_in(email).await;
    }

    fn child(&self) -> Child {
        let mut child = Child::client(&self.directory, self.tenant.issuer());
        assert!(child.ask("restore").starts_with("SignedIn"));
        child
    }

    fn children(&self, count: usize) -> Vec<Child> {
        (0..count).map(|_| self.child()).collect()
    }

    /// Lets a child go until it has reached a stage of its refresh.
    fn child_at(&self, stage: &str) -> Child {
        let mut child = self.child();
        child.ask(&format!("pause {stage}"));
        assert_eq!(child.ask("token"), format!("at {stage}"));
        child
    }
}

/// Asks all of them at once, and returns what they all say.
fn all(children: &mut [Child]) -> String {
    for child in &mut *children {
        child.tell("token");
    }
    let answers: Vec<Option<String>> = children.iter_mut().map(Child::answer).collect();
    let first = answers.first().cloned().flatten();
    let first = first.expect("there is a child, and it lives");
    for answer in answers {
        assert_eq!(answer.as_deref(), Some(first.as_str()));
    }
    first
}

fn is_token(answer: &str) -> bool {
    answer.starts_with("token ")
}

// The tenant serves on threads of its own while a test waits for a child.
#[tokio::test(flavor = "multi_thread")]
async fn s11_two_processes_with_one_expired_token_make_one_request() {
    one_request(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_twenty_processes_with_one_expired_token_make_one_request() {
    one_request(20).await;
}

async fn one_request(processes: usize) {
    let scene = Scene::new().await;
    scene.log_in_expired(ADA).await;
    let mut children = scene.children(processes);
    let start = Instant::now();
    assert!(is_token(&all(&mut children)));
    let waited = start.elapsed();
    assert_eq!(refreshes(&scene.tenant), 1);
    assert!(waited < LOCK_TIMEOUT, "{waited:?}");
    report(&format!("{processes} processes, one request, {waited:?}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_a_holder_killed_at_any_stage_costs_one_login_at_most() {
    for (stage, is_spent) in [
        ("locked", false),
        ("send", false),
        ("under way", false),
        ("answer", true),
        ("write", true),
    ] {
        let scene = Scene::new().await;
        scene.log_in_expired(ADA).await;
        let mut others = scene.children(20);
        let mut holder = match stage {
            "under way" => under_way(&scene),
            stage => scene.child_at(stage),
        };
        let before = refreshes(&scene.tenant);
        let start = Instant::now();
        holder.kill();
        let answer = all(&mut others);
        let waited = start.elapsed();
        assert!(
            waited < LOCK_TIMEOUT,
            "{stage}: {waited:?}: the lock was not freed"
        );
        assert_eq!(refreshes(&scene.tenant), before + 1, "{stage}");
        match is_spent {
            false => assert!(is_token(&answer), "{stage}: {answer}"),
            true => {
                // Nobody could know the token that was lost; one of them finds out for all.
                assert_eq!(answer, OVER, "{stage}");
                scene.log_in(ADA).await;
                let mut next = scene.child();
                assert!(is_token(&next.ask("token")), "{stage}");
                assert_eq!(refreshes(&scene.tenant), before + 1, "{stage}");
            }
        }
        assert_eq!(leftovers(&scene.directory), [""; 0], "{stage}");
    }
}

/// A child whose request has arrived and is not answered yet.
fn under_way(scene: &Scene) -> Child {
    let slow = Fault::Slow(Duration::from_secs(5));
    scene.tenant.faults().set(Endpoint::Token, slow, Some(1));
    scene.tenant.clear_requests();
    let mut child = scene.child();
    child.tell("token");
    let start = Instant::now();
    let arrived = |path: &str| {
        scene
            .tenant
            .requests()
            .iter()
            .any(|request| request.path == path)
    };
    while !arrived("/oauth/token") {
        assert!(start.elapsed() < Duration::from_secs(10), "no request came");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn s13_a_holder_stopped_past_everybodys_patience_looks_again_before_it_refreshes() {
    let scene = Scene::new().await;
    scene.log_in_expired(ADA).await;
    let mut stopped = scene.child_at("locked");
    stopped.signal(Signal::SIGSTOP);
    let mut other = scene.child();
    let start = Instant::now();
    let token = other.ask("token");
    assert!(is_token(&token) && start.elapsed() >= LOCK_TIMEOUT);
    stopped.signal(Signal::SIGCONT);
    assert_eq!(stopped.ask("go"), token);
    assert_eq!(refreshes(&scene.tenant), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn s13_a_holder_stopped_over_its_request_costs_one_login_at_most() {
    for stage in ["send", "answer", "write"] {
        let scene = Scene::new().await;
        scene.log_in_expired(ADA).await;
        let mut stopped = scene.child_at(stage);
        stopped.signal(Signal::SIGSTOP);
        let mut other = scene.child();
        let answer = other.ask("token");
        stopped.signal(Signal::SIGCONT);
        let late = stopped.ask("go");
        assert_eq!(late, OVER, "{stage}: {answer}");
        scene.log_in(ADA).await;
        for mut child in [scene.child(), scene.child()] {
            assert!(is_token(&child.ask("token")), "{stage}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s14_a_logout_during_a_refresh_is_not_undone_by_its_end() {
    for stage in ["locked", "send", "answer", "write"] {
        let scene = Scene::new().await;
        scene.log_in_expired(ADA).await;
        let mut refreshing = scene.child_at(stage);
        let mut other = scene.child();
        assert_eq!(other.ask("logout"), "done");
        assert_eq!(refreshing.ask("go"), OVER, "{stage}");
        assert_eq!(refreshing.ask("who"), "nobody", "{stage}");
        assert!(
            !has_session(&scene.directory),
            "{stage}: the session came back"
        );
    }
}

fn has_session(directory: &Path) -> bool {
    let names = super::names(directory);
    names.iter().any(|name| name.contains(".session"))
}

#[tokio::test(flavor = "multi_thread")]
async fn s14_of_many_processes_that_count_none_loses_a_number() {
    let place = place();
    let inside = place.path().join("app");
    let mut children: Vec<Child> = (0..4).map(|_| Child::start(&inside, None)).collect();
    assert_eq!(children[0].ask("set number 0"), "done");
    for child in &mut children {
        child.tell("count number 50");
    }
    for child in &mut children {
        assert_eq!(child.answer().as_deref(), Some("done"));
    }
    assert_eq!(children[0].ask("get number"), "some 200");
}

#[tokio::test(flavor = "multi_thread")]
async fn s15_another_users_login_is_noticed_before_a_token_is_handed_out() {
    let scene = Scene::new().await;
    scene.log_in_expired(ADA).await;
    let mut child = scene.child();
    assert_eq!(child.ask("who"), ADA);
    scene.log_in(GRACE).await;
    assert_eq!(
        child.ask("token"),
        OVER,
        "grace's token is not for ada's caller"
    );
    assert_eq!(child.ask("who"), GRACE);
    assert!(is_token(&child.ask("token")));
    assert_eq!(refreshes(&scene.tenant), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn s15_another_users_login_during_a_refresh_is_not_written_over() {
    for stage in ["locked", "send", "answer", "write"] {
        let scene = Scene::new().await;
        scene.log_in_expired(ADA).await;
        let mut refreshing = scene.child_at(stage);
        scene.log_in(GRACE).await;
        assert_eq!(refreshing.ask("go"), OVER, "{stage}");
        assert_eq!(refreshing.ask("who"), GRACE, "{stage}");
        let mut next = scene.child();
        assert_eq!(next.ask("who"), GRACE, "{stage}");
        assert!(is_token(&next.ask("token")));
    }
}

/// Makes the directory unreadable, and what it was.
fn block(scene: &Scene) -> PathBuf {
    let away = scene.directory.with_extension("away");
    std::fs::rename(&scene.directory, &away).expect("renamed");
    std::fs::write(&scene.directory, "").expect("written");
    away
}

fn unblock(scene: &Scene, away: &Path) {
    std::fs::remove_file(&scene.directory).expect("removed");
    std::fs::rename(away, &scene.directory).expect("renamed back");
}

#[tokio::test(flavor = "multi_thread")]
async fn s14_a_logout_is_not_undone_by_a_refresh_that_could_not_read_the_session() {
    let scene = Scene::new().await;
    scene.log_in_expired(ADA).await;
    let mut refreshing = scene.child();
    refreshing.ask("pause answer");
    let away = block(&scene);
    assert_eq!(refreshing.ask("token"), "at answer");
    unblock(&scene, &away);
    assert_eq!(scene.child().ask("logout"), "done");
    assert_eq!(refreshing.ask("go"), OVER);
    assert!(!has_session(&scene.directory), "the session came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn s15_another_users_login_is_not_written_over_by_a_session_that_is_saved_late() {
    let scene = Scene::new().await;
    scene.log_in_expired(ADA).await;
    let mut refreshing = scene.child();
    let away = block(&scene);
    assert_eq!(refreshing.ask("token"), "error platform_error");
    assert!(
        is_token(&refreshing.ask("token")),
        "it goes on in its process"
    );
    unblock(&scene, &away);
    scene.log_in(GRACE).await;
    // It notices with the first token after the disk is back, or with the one after that.
    refreshing.ask("token");
    assert_eq!(refreshing.ask("who"), GRACE);
    assert_eq!(scene.child().ask("who"), GRACE);
}

#[tokio::test(flavor = "multi_thread")]
async fn s08_a_session_that_is_in_use_heals_its_damaged_file_with_the_next_refresh() {
    let scene = Scene::new().await;
    scene.log_in_expired(ADA).await;
    let mut child = scene.child();
    std::fs::write(session_file(&scene.directory), "damage").expect("the test may write");
    let token = child.ask("token");
    assert!(is_token(&token));
    assert_eq!(scene.child().ask("token"), token);
    assert_eq!(refreshes(&scene.tenant), 1);
}
