//! Runs the tenant until it is told to stop.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tenant::{Application, DEMO_PASSWORD, Error, PasswordCost, Store, Tenant};
use tokio::signal::unix::{SignalKind, signal};

/// An Auth0-compatible tenant on loopback, with demo users, for demos and tests.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 4400)]
    port: u16,
    /// The port of the control interface; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    control_port: u16,
    /// The file users and grants are kept in; without it they live in memory.
    #[arg(long, value_name = "PATH")]
    store: Option<PathBuf>,
    /// An origin the application is served at; may be repeated.
    #[arg(long, value_name = "ORIGIN", default_values_t = [
        "http://127.0.0.1:8080".to_owned(),
        "http://localhost:8080".to_owned(),
    ])]
    app_origin: Vec<String>,
    /// A port of this machine that the application listens on as a desktop app; may be repeated.
    #[arg(long, value_name = "PORT", default_values_t = [14410, 14411, 14412])]
    app_port: Vec<u16>,
    /// The client id of the application.
    #[arg(long, default_value = "dioxus-auth0-demo")]
    client_id: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "tenant: {failure}");
            match failure {
                Failure::Tenant(error) if error.is_port_busy() => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Tenant(#[from] Error),
    #[error("the signals that end the tenant cannot be heard: {0}")]
    Signals(#[from] io::Error),
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let store = arguments.store.map_or_else(Store::memory, Store::open)?;
    let application = arguments.app_origin.iter().fold(
        Application::new(arguments.client_id)
            .name("Dioxus Auth0 Demo")
            .device_code(true)
            .refreshes_for("/orders/", ["read:orders"])
            .comes_back_to(arguments.app_port),
        |application, origin| application.served_at(origin),
    );
    let tenant = Tenant::builder()
        .port(arguments.port)
        .control_port(arguments.control_port)
        .store(store)
        .application(application)
        .demo_users()
        .password_cost(PasswordCost {
            memory_kib: 4096,
            passes: 1,
        })
        .start()
        .await?;
    greet(&tenant)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tenant.stop().await;
    Ok(())
}

fn greet(tenant: &Tenant) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "tenant ready at {}", tenant.issuer())?;
    writeln!(out, "  dashboard  {}dashboard", tenant.issuer())?;
    writeln!(out, "  control    {}", tenant.control_url())?;
    writeln!(
        out,
        "  users      (the demo users' password is {DEMO_PASSWORD})"
    )?;
    for user in tenant.users()? {
        let note = if user.blocked { "  blocked" } else { "" };
        writeln!(out, "    {}  {}{note}", user.email, user.name)?;
    }
    out.flush()?;
    Ok(())
}
