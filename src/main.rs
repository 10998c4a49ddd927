//! Launches the demonstration app.

fn main() {
    dioxus_auth0::platform::launch(dioxus_auth0::app::App);
}
