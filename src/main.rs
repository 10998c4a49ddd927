//! Launches the demonstration app.

fn main() {
    dioxus::launch(dioxus_auth0::app::App);
}
