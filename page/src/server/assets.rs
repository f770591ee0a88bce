//! The page's own files, from within the program.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, kind, contents.
type Asset = (&'static str, &'static str, &'static str);

const PAGE: &str = include_str!("../../assets/index.html");

const ASSETS: &[Asset] = &[
    ("page.css", CSS, include_str!("../../assets/page.css")),
    ("parts.css", CSS, include_str!("../../assets/parts.css")),
    ("main.js", JS, include_str!("../../assets/main.js")),
    ("figures.js", JS, include_str!("../../assets/figures.js")),
    ("canvas.js", JS, include_str!("../../assets/canvas.js")),
    ("plots.js", JS, include_str!("../../assets/plots.js")),
    ("link.js", JS, include_str!("../../assets/link.js")),
    ("pictures.js", JS, include_str!("../../assets/pictures.js")),
    ("controls.js", JS, include_str!("../../assets/controls.js")),
    ("icon.svg", SVG, include_str!("../../assets/icon.svg")),
];

/// `GET /`
pub async fn page() -> Response {
    ([(header::CONTENT_TYPE, HTML)], PAGE).into_response()
}

/// `GET /assets/NAME`
pub async fn asset(Path(name): Path<String>) -> Result<Response, Refusal> {
    let found = ASSETS.iter().find(|(known, ..)| *known == name);
    let (_, kind, contents) = found.ok_or_else(Refusal::not_found)?;
    Ok(([(header::CONTENT_TYPE, *kind)], *contents).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let namespace = "http://www.w3.org/2000/svg";
        let all = ASSETS.iter().map(|(name, _, text)| (*name, *text));
        for (name, text) in all.chain([("index.html", PAGE)]) {
            let text = text.replace(namespace, "");
            for scheme in ["http://", "https://", "ws://", "//cdn"] {
                assert!(!text.contains(scheme), "{scheme} in {name}");
            }
        }
    }

    #[test]
    fn everything_that_the_page_asks_for_is_there() {
        for (name, ..) in ASSETS.iter().filter(|(name, ..)| name.ends_with(".css")) {
            assert!(PAGE.contains(&format!("/assets/{name}")), "{name}");
        }
        let scripts = ASSETS.iter().filter(|(_, kind, _)| *kind == JS);
        for (name, _, text) in scripts {
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let from = line.rsplit('"').nth(1).unwrap_or_default();
                let known = |(asset, ..): &Asset| from == format!("./{asset}");
                assert!(ASSETS.iter().any(known), "{name}: {line}");
            }
        }
    }
}
