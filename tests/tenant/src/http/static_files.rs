//! The stylesheet, the two scripts and the users' pictures.

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::pages;

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    match pages::asset(&name) {
        Some((content_type, text)) => {
            ([(header::CONTENT_TYPE, content_type)], text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A picture of one or two initials, such as `al.svg`.
pub(crate) async fn picture(Path(name): Path<String>) -> Response {
    let initials = name.strip_suffix(".svg").unwrap_or_default();
    let fits = (1..=2).contains(&initials.len())
        && initials.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !fits {
        return StatusCode::NOT_FOUND.into_response();
    }
    let hue = initials
        .bytes()
        .fold(0_u32, |sum, byte| sum * 31 + u32::from(byte))
        % 360;
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="128" height="128" {
            rect width="128" height="128" fill=(format!("hsl({hue} 55% 35%)")) {}
            text x="64" y="66" fill="#fff" font-family="system-ui, sans-serif" font-size="56" font-weight="600"
                text-anchor="middle" dominant-baseline="central" { (initials.to_ascii_uppercase()) }
        }
    };
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("image/svg+xml"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        ),
        (CORP, HeaderValue::from_static("cross-origin")),
    ];
    (headers, svg.into_string()).into_response()
}
