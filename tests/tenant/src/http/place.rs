//! Endpoints that have moved, for the time of a module.

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::Response;

use crate::tenant::App;

/// The path a request went to, before it was taken to the endpoint that is published there.
#[derive(Clone)]
pub(crate) struct Published(pub(crate) String);

/// Takes a request to the endpoint it means, and to none where none is any more.
pub(crate) async fn find(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let published = Published(uri.path().to_owned());
    let path = uri.path().strip_prefix('/').unwrap_or_default();
    let meant = match app.course.meant(path) {
        Some(meant) => format!("/{meant}"),
        None => format!("/gone/{path}"),
    };
    if meant != uri.path() {
        let target = match uri.query() {
            Some(query) => format!("{meant}?{query}"),
            None => meant,
        };
        if let Ok(uri) = target.parse::<Uri>() {
            *request.uri_mut() = uri;
        }
    }
    request.extensions_mut().insert(published);
    next.run(request).await
}
