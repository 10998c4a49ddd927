//! Tokens bound to a key that all processes share, sealed on disk.

use serde_json::json;
use tenant::{DpopNonces, Tenant};

use super::{ADA, OVER, Scene, all, is_token};
use crate::files::world::{application, tenant, tenant_of};
use crate::files::{names, session_file};

async fn scene() -> Scene {
    Scene::of(tenant().await, &[("useDpop", json!(true))]).sealed()
}

/// The files that hold something sealed: the session and the key.
fn sealed_files(scene: &Scene) -> Vec<String> {
    let mut names = names(&scene.directory());
    names.retain(|name| name.ends_with(".session"));
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_make_the_key_at_once_log_in_with_it_and_each_refreshes() {
    let scene = scene().await;
    let mut children = scene.children(4);
    assert_eq!(all(&mut children, &format!("log in {ADA}")), "done");
    assert_eq!(sealed_files(&scene).len(), 2, "one session, one key");
    for day in 1..=4 {
        scene.pass_a_day(&mut [&mut children]);
        scene.tenant.clear_requests();
        let refreshing = &mut children[day as usize - 1];
        let token = refreshing.ask("tokens 3");
        assert!(is_token(&token), "on day {day}: {token}");
        assert_eq!(all(&mut children, "tokens 3"), token);
        assert_eq!(all(&mut children, "user"), "Ada Lovelace", "it is proved");
        assert_eq!(scene.spent(), [1], "on day {day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f21_nonces_that_the_provider_demands_cost_no_process_its_session() {
    let nonces = DpopNonces {
        token: true,
        resources: true,
        ..DpopNonces::default()
    };
    let tenant = Tenant::builder().dpop_nonces(nonces);
    let tenant = tenant_of(application(), tenant).await;
    let scene = Scene::of(tenant, &[("useDpop", json!(true))]).sealed();
    scene.log_in(ADA);
    let mut children = scene.children(4);
    for day in 1..=2 {
        scene.pass_a_day(&mut [&mut children]);
        scene.tenant.rotate_dpop_nonces();
        assert!(is_token(&all(&mut children, "tokens 3")), "on day {day}");
        assert_eq!(all(&mut children, "user"), "Ada Lovelace");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f22_a_session_whose_key_was_removed_ends_once_and_a_login_makes_another_key() {
    let scene = scene().await;
    scene.log_in(ADA);
    assert_eq!(scene.child().ask("logout"), "done");
    let key = session_file(&scene.directory());
    scene.log_in(ADA);
    assert_eq!(
        sealed_files(&scene).len(),
        2,
        "the key outlives the session"
    );
    let mut children = scene.followers(4);
    std::fs::remove_file(key).expect("it is there");
    scene.pass_a_day(&mut [&mut children]);
    assert_eq!(all(&mut children, "tokens 3"), OVER);
    assert_eq!(all(&mut children, "who"), "nobody");
    assert_eq!(
        scene.spent(),
        [0; 0],
        "what is bound to a lost key is not sent"
    );
    let reasons: Vec<String> = children
        .iter_mut()
        .map(|child| child.ask("reason"))
        .collect();
    let expired = reasons.iter().filter(|reason| *reason == "Expired").count();
    assert_eq!(
        expired, 1,
        "it ends once, and is over for the others: {reasons:?}"
    );

    assert_eq!(children[0].ask(&format!("log in {ADA}")), "done");
    for child in &mut children {
        assert!(
            child
                .ask(&format!("until {ADA} 20000"))
                .starts_with("since")
        );
    }
    scene.pass_a_day(&mut [&mut children]);
    assert!(is_token(&all(&mut children, "tokens 3")));
    assert_eq!(all(&mut children, "user"), "Ada Lovelace");
    assert_eq!(scene.spent(), [1]);
}
