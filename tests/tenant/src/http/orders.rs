//! `/orders`: an API of its own, small, for tokens with another audience than the Management API's.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::config::READ_ORDERS;
use crate::http::api;
use crate::http::proof::Asked;
use crate::http::visit::Stop;
use crate::tenant::App;

pub(crate) async fn list(State(app): State<App>, asked: Asked) -> Result<Json<Value>, Stop> {
    let audience = format!("{}orders/", app.issuer);
    let claims = api::authorize(&app, &asked, &audience, READ_ORDERS)?;
    let order = |id: u32, item: &str| json!({ "id": id, "item": item, "user_id": claims["sub"] });
    Ok(Json(json!([
        order(1001, "Brass gears, one dozen"),
        order(1002, "Punched cards, one thousand"),
    ])))
}
