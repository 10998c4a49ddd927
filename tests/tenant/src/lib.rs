//! An Auth0-compatible tenant on loopback, for the demo and the tests of dioxus-auth0.
//!
//! It speaks what an Auth0 tenant speaks to a public client: discovery and keys, `/authorize` with PKCE and real pages,
//! requests [pushed](Builder::pushed_requests) before it, the [device](Application::device_code) authorization grant,
//! custom [token exchange](Builder::token_exchange_profile), tokens with rotation and reuse detection, bound to a key if
//! the client proves one ([DPoP](DpopNonces)) and good for [several APIs](Application::refreshes_for), userinfo, logout,
//! the part of the Management API a user may call for themselves, and an [API of orders](Tenant::orders_audience) at
//! `GET /orders`.
//!
//! Around that it is made for tests: every request is [recorded](Tenant::requests), every endpoint can be made to
//! [fail](Faults) or the whole be a [provider of the conformance suite](Module), what clients do wrong is [noted](Tenant::breaches), the [clock](Tenant::set_clock_offset) and the [keys](Tenant::rotate_keys) can be moved on, and a test
//! can [answer a device](Tenant::approve_device) in the user's place.
//!
//! ```
//! use tenant::{Application, Endpoint, Fault, Tenant};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let tenant = Tenant::builder()
//!     .application(Application::new("dioxus-auth0-demo").served_at("http://127.0.0.1:8080"))
//!     .demo_users()
//!     .start()
//!     .await?;
//! assert!(tenant.issuer().starts_with("http://127.0.0.1:"));
//! assert_eq!(tenant.audience(), format!("{}api/v2/", tenant.issuer()));
//!
//! tenant.faults().set(Endpoint::Token, Fault::Status(503, "busy".into()), Some(1));
//! tenant.stop().await;
//! # Ok::<(), tenant::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The control interface
//!
//! Tests in other languages reach the same things as JSON, over a [port of its own](Tenant::control_url). Web pages
//! cannot: a request with an `Origin` header is refused.
//!
//! | Request | Body | Does |
//! |---|---|---|
//! | `GET /requests` | | lists the [`Recorded`] requests |
//! | `DELETE /requests` | | forgets them |
//! | `POST /faults` | `{"endpoint", "fault", "times"?, "then"?}` | plans a [`Fault`] for an [`Endpoint`] |
//! | `DELETE /faults` | | ends all faults |
//! | `GET /modules` | | lists the [`Module`]s |
//! | `GET /module` | | answers the one in force, or `null` |
//! | `PUT /module` | `{"id"}` | becomes the provider of one, from its beginning |
//! | `DELETE /module` | | becomes the tenant again |
//! | `GET /breaches` | | lists the [`Breach`]es since then |
//! | `POST /keys/rotate` | | signs with a new key, answers its `kid` |
//! | `POST /keys/retire` | | publishes the signing key alone |
//! | `GET /users` | | lists the users |
//! | `POST /users/{id}/block`, `DELETE` | | blocks a user, lets them in again |
//! | `POST /users/{id}/mfa`, `DELETE` | | answers their grants with `mfa_required`, or no longer |
//! | `PUT /users/{id}/metadata` | a JSON object or `null` | replaces `user_metadata` |
//! | `POST /devices/{user_code}/approve` | `{"user"}`, an e-mail address or an id | lets a device in as that user |
//! | `POST /devices/{user_code}/deny` | | refuses it |
//! | `POST /subject_tokens` | `{"user"}` | answers a `subject_token` about them for token exchange |
//! | `GET /dpop_nonces` | | answers where [`DpopNonces`] are demanded |
//! | `PUT /dpop_nonces` | `{"token"?, "resources"?, "renewed"?}` | demands them there and nowhere else |
//! | `POST /dpop_nonces/rotate` | | makes those given so far worthless |
//! | `GET /clock` | | answers `offset_seconds` and `now` |
//! | `POST /clock` | `{"offset_seconds"}` | moves the clock |
//!
//! The `{id}` is percent-encoded. Endpoints are `discovery`, `jwks`, `authorize`, `pages`, `token`, `device_code`, `par`,
//! `revoke`, `user_info`, `logout`, `user_read`, `user_update`, `orders`, `pictures` and `dashboard`. Faults look like this:
//!
//! ```
//! # use tenant::Fault;
//! # let all = r#"[
//! {"slow": 1500}
//! # ,
//! {"status": [503, "busy"]}
//! # ,
//! {"answer": {"status": 429, "headers": [["retry-after", "2"]], "body": "{}"}}
//! # ,
//! {"body": {"content_type": "text/html", "bytes": [60, 112, 62]}}
//! # ,
//! "hang_up"
//! # ,
//! "lose_answer"
//! # ,
//! {"late": 1500}
//! # ,
//! {"redirect": "http://127.0.0.1:9/"}
//! # ,
//! {"patch": {"expires_in": null, "scope": "openid"}}
//! # ,
//! {"id_token": {"set": ["nonce", "other"]}}
//! # ,
//! {"id_token": {"append": "aud"}}
//! # ,
//! {"id_token": {"listed": ["aud", ["another-client"]]}}
//! # ,
//! {"id_token": {"expired": 360}}
//! # ,
//! {"id_token": {"all": ["wrong_kid", {"remove": "sub"}, {"alg": "HS256"}, "signed_es256", "unsigned", "bad_signature"]}}
//! # ]"#;
//! # let faults: Vec<Fault> = serde_json::from_str(all).unwrap();
//! # assert_eq!(faults.len(), 14);
//! ```
//!
//! # Where it differs from Auth0
//!
//! Only public clients with `S256`; no social connections. `skip consent` is a property of the [`Application`]. A second
//! factor can be [demanded](Tenant::require_mfa), but not shown. DPoP is offered to every application and required of
//! none, and its nonces are demanded only where a [test wants that](DpopNonces). Requests are pushed by the public
//! clients, too. A profile of token exchange has no Action: it takes what [`Tenant::subject_token`] makes, or `user:` and
//! an e-mail address. Access tokens carry a `jti`. The ID token has both `org_id` and `org_name`.

mod act;
mod authorize;
mod breach;
mod builder;
mod clock;
mod config;
mod dpop;
mod error;
mod fault;
mod http;
mod keys;
mod module;
mod pages;
mod password;
mod random;
mod record;
mod server;
mod store;
mod tenant;

pub use breach::Breach;
pub use builder::{Builder, DEMO_PASSWORD};
pub use config::{Application, Organization, PasswordCost};
pub use dpop::DpopNonces;
pub use error::Error;
pub use fault::{Endpoint, Fault, Faults, Mutation};
pub use module::Module;
pub use record::Recorded;
pub use store::{NewUser, Store, User};
pub use tenant::Tenant;
