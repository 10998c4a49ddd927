//! Runs one test of this program in a process of its own.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use tokio::process;
use tokio::time::timeout;

/// Prepares to run the ignored test `name`, such as `ending::l21_alone`, by itself.
pub(crate) fn command(name: &str) -> Command {
    let mut command = Command::new(program());
    command.args(arguments(name));
    command
}

/// Prepares the same in a network of its own where `setup` was done, if this machine allows that.
pub(crate) fn in_network(setup: &str, name: &str) -> Option<Command> {
    let script = format!("ip link set lo up && {setup}");
    let prepare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--net", "--map-root-user", "sh", "-c", script, "sh"]);
        command
    };
    let is_allowed = prepare(&script)
        .output()
        .is_ok_and(|output| output.status.success());
    let mut command = prepare(&format!("{script} && exec \"$@\""));
    command.arg(program()).args(arguments(name));
    is_allowed.then_some(command)
}

/// Runs it to its end, and fails as it does.
pub(crate) async fn run(command: Command) {
    let output = output(command).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn output(command: Command) -> Output {
    let mut command = process::Command::from(command);
    let output = command.kill_on_drop(true).output();
    let output = timeout(Duration::from_secs(120), output).await;
    output.expect("it ends").expect("it starts")
}

fn program() -> PathBuf {
    std::env::current_exe().expect("this program")
}

fn arguments(name: &str) -> [&str; 4] {
    ["--exact", name, "--ignored", "--nocapture"]
}
