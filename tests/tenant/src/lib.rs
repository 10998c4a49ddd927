//! An Auth0-compatible tenant on loopback.
