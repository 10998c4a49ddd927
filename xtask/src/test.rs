use crate::error::Result;
use std::time::Instant;
#[derive(clap::Args)]
pub(crate) struct Options {}
pub(crate) fn run(_: &Options, _: Instant) -> Result<()> {
    Ok(())
}
