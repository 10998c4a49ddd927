//! A machine in memory, and a provider that has its metadata to give.

use dioxus_auth0::platform::memory::MemoryPlatform;

pub(crate) const CONFIG: &str = "GET https://app.example/auth_config.json";
pub(crate) const DISCOVERY: &str = "GET https://tenant.example/.well-known/openid-configuration";
pub(crate) const JWKS: &str = "GET https://tenant.example/.well-known/jwks.json";
pub(crate) const FILE: &str = r#"{"domain": "tenant.example", "clientId": "abc"}"#;
pub(crate) const METADATA: &str = r#"{
    "issuer": "https://tenant.example/",
    "authorization_endpoint": "https://tenant.example/authorize",
    "token_endpoint": "https://tenant.example/oauth/token",
    "jwks_uri": "https://tenant.example/.well-known/jwks.json"
}"#;

pub(crate) fn machine() -> MemoryPlatform {
    let memory = MemoryPlatform::new();
    memory.clock.set(1_700_000_000);
    memory
}
