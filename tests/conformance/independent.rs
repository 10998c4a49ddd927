//! A desktop against [`oidc-provider`](https://www.npmjs.com/package/oidc-provider), which others have written and had certified.
//!
//! It wants pushed requests, PKCE, tokens bound to a key, proofs with nonces, and refresh tokens that are used once.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use dioxus_auth0::config::Settings;
use url::Url;

use crate::browser::EMAIL;
use crate::device::{AFTER_LOGOUT, CLIENT_ID};
use crate::host::Host;
use crate::native::Native;

/// Where the provider's module is.
const PROVIDER: &str = "DIOXUS_AUTH0_OIDC_PROVIDER";

/// The provider, for as long as this lives.
struct Provider {
    node: Child,
    /// Held open: it writes on.
    _output: BufReader<ChildStdout>,
    issuer: String,
}

impl Provider {
    fn start() -> Self {
        let module = env::var_os(PROVIDER);
        let module = module.unwrap_or_else(|| {
            panic!("{PROVIDER} must name the provider's module: run `cargo xtask test --only independent`")
        });
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/independent/provider.mjs"
        );
        let mut node = Command::new("node")
            .arg(script)
            .arg(module)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let mut output = BufReader::new(node.stdout.take().expect("it is piped"));
        let mut port = String::new();
        let read = output.read_line(&mut port);
        read.expect("the provider says where it is");
        let issuer = format!("http://127.0.0.1:{}", port.trim());
        Self {
            node,
            _output: output,
            issuer,
        }
    }

    fn client(&self) -> Native {
        Native::on(&Settings {
            issuer: Some(self.issuer.clone()),
            client_id: CLIENT_ID.into(),
            use_refresh_tokens: true,
            use_dpop: true,
            loopback_ports: Some(vec![0]),
            ..Settings::default()
        })
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended by itself, with its input.
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

#[tokio::test]
#[ignore = "needs oidc-provider: cargo xtask test --only independent"]
async fn a_desktop_logs_in_refreshes_and_logs_out() {
    let provider = Provider::start();
    let mut desktop = provider.client();
    let login = desktop.travel(|| 0).await;
    assert_eq!(login.outcome, Ok(()));
    assert!(login.answered.is_some());
    assert_eq!(desktop.user().as_deref(), Some(EMAIL));
    let claims = desktop.userinfo().await.expect("userinfo comes");
    assert_eq!(
        claims.get("name").map(String::as_str),
        Some("\"Ada Lovelace\"")
    );

    for _ in 0..3 {
        assert_eq!(desktop.refresh().await, Ok(()), "each token is used once");
    }
    desktop.restart().await;
    assert_eq!(desktop.user().as_deref(), Some(EMAIL));
    assert_eq!(
        desktop.refresh().await,
        Ok(()),
        "by a proof of the stored key"
    );
    desktop
        .userinfo()
        .await
        .expect("userinfo comes with the new token");

    let landed = desktop
        .log_out()
        .await
        .expect("the provider lets the user go");
    assert!(Url::parse(&landed).is_ok_and(|url| url.as_str().starts_with(AFTER_LOGOUT)));
    assert_eq!(desktop.user(), None);
    desktop.restart().await;
    assert_eq!(desktop.user(), None);
}

#[tokio::test]
#[ignore = "needs oidc-provider: cargo xtask test --only independent"]
async fn a_refresh_token_that_was_used_before_ends_the_session_once() {
    let provider = Provider::start();
    let mut desktop = provider.client();
    assert_eq!(desktop.travel(|| 0).await.outcome, Ok(()));
    let stale = desktop.storage();
    assert_eq!(desktop.refresh().await, Ok(()));
    let newest = desktop.storage();

    // As from a backup that somebody has put back.
    desktop.put_back(&stale);
    desktop.restart().await;
    assert_eq!(desktop.user().as_deref(), Some(EMAIL));
    let refused = desktop.refresh().await.expect_err("it was used before");
    assert_eq!(refused.code, "login_required", "{}", refused.why);
    assert_eq!(desktop.user(), None);

    // The provider has ended the whole family.
    desktop.put_back(&newest);
    desktop.restart().await;
    let refused = desktop.refresh().await.expect_err("its family is gone");
    assert_eq!(refused.code, "login_required", "{}", refused.why);
    assert_eq!(
        desktop.travel(|| 0).await.outcome,
        Ok(()),
        "a login mends it"
    );
}
