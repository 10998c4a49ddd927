use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::http::form::Form;
use crate::http::visit::Stop;
use crate::tenant::App;

pub(crate) async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Stop> {
    let form = Form::read(&headers, &body)?;
    let client = form.client(&app)?;
    app.store
        .revoke(form.require("token")?, &client.client_id)?;
    Ok(StatusCode::OK.into_response())
}
