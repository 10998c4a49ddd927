//! The client against each provider of the OpenID Foundation's conformance suite, on each host; the result is the table
//! `tests/conformance.md`.

mod browser;
mod case;
mod device;
mod host;
mod memory;
mod native;
mod run;

use case::Case;
use host::Host;
use memory::Memory;
use native::Native;
use run::{Verdict, run};

#[tokio::test]
async fn memory_passes() {
    all::<Memory>().await;
}

#[tokio::test]
async fn native_passes() {
    all::<Native>().await;
}

async fn all<H: Host>() {
    let mut failed = Vec::new();
    for case in case::all() {
        if let Err(why) = run::<H>(&case).await {
            failed.push(format!("{}: {why}", case.id));
        }
    }
    assert!(failed.is_empty(), "{}\n{}", H::NAME, failed.join("\n"));
}
