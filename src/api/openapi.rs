//! The OpenAPI 3.1 document, made from the same table as the dispatcher.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::problem::KINDS;
use super::reply::{Json, Schemas, Shape};
use super::route::{Key, Route, Who};
use super::wire::problem::ProblemBody;

/// The document of some routes.
pub fn document(title: &str, routes: &[Route]) -> Value {
    let mut schemas = Schemas::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in routes {
        let operation = operation(route, &mut schemas);
        let method = route.method.as_str().to_ascii_lowercase();
        paths.entry(route.path).or_default().insert(method, operation);
    }
    Json::<ProblemBody>::collect(&mut schemas);
    let schemas: BTreeMap<_, _> = schemas.into_iter().collect();
    json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": env!("CARGO_PKG_VERSION") },
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": security_schemes() },
    })
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": route.operation,
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses(route, schemas),
        "security": security(route.who),
    });
    if let Some(request) = &route.request
        && let (Some(media), Some(name)) = (request.media, (request.collect)(schemas))
    {
        operation["requestBody"] = json!({ "required": true, "content": content(media, &name) });
    }
    operation
}

fn content(media: &str, name: &str) -> Value {
    json!({ media: { "schema": { "$ref": format!("#/components/schemas/{name}") } } })
}

fn parameters(route: &Route) -> Vec<Value> {
    let text = json!({ "type": "string" });
    let mut parameters = Vec::new();
    for segment in route.path.split('/') {
        if let Some(name) = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            parameters
                .push(json!({ "name": name, "in": "path", "required": true, "schema": text }));
        }
    }
    for (name, about) in route.queries {
        parameters.push(json!({
            "name": name, "in": "query", "required": false, "description": about, "schema": text,
        }));
    }
    if route.key != Key::None {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": route.key == Key::Required,
            "schema": { "type": "string", "minLength": 1, "maxLength": 128 },
        }));
    }
    if route.who == Who::Pass {
        parameters.push(json!({
            "name": "Stanchion-Pass", "in": "header", "required": false,
            "description": "the pass a shop acts for, beside its API key",
            "schema": { "type": "integer", "format": "int32" },
        }));
    }
    parameters
}

fn responses(route: &Route, schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    let name = (route.response.collect)(schemas);
    for status in route.statuses {
        let reason = http::StatusCode::from_u16(*status).ok();
        let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or_default();
        let mut response = json!({ "description": reason });
        match (route.response.media, &name) {
            (Some(media), Some(name)) => response["content"] = content(media, name),
            (Some(media), None) if *status < 300 => {
                response["content"] = json!({ media: { "schema": { "type": "string" } } });
            }
            _ => {}
        }
        responses.insert(status.to_string(), response);
    }
    if let Some((statuses, described)) = &route.instead
        && let (Some(media), Some(name)) = (described.media, (described.collect)(schemas))
    {
        for status in *statuses {
            let told = json!({ "description": "error", "content": content(media, &name) });
            responses.insert(status.to_string(), told);
        }
    }
    for (status, codes) in by_status(route) {
        responses.entry(status.to_string()).or_insert_with(|| {
            json!({
                "description": codes.join(", "),
                "content": content("application/problem+json", "ProblemBody"),
            })
        });
    }
    Value::Object(responses)
}

fn by_status(route: &Route) -> BTreeMap<u16, Vec<&'static str>> {
    let mut statuses: BTreeMap<u16, Vec<_>> = BTreeMap::new();
    for code in route.problems() {
        let kind = KINDS.iter().find(|kind| kind.code == code);
        let kind = kind.expect("a route names problems of the table");
        statuses.entry(kind.status).or_default().push(kind.code);
    }
    statuses
}

fn security(who: Who) -> Value {
    match who {
        Who::Anybody | Who::Browser | Who::Staff => json!([]),
        Who::Place => json!([{ "placeToken": [] }]),
        Who::Pass => json!([{ "passToken": [] }, { "apiKey": [] }]),
        Who::Shop => json!([{ "apiKey": [] }]),
        Who::Operator => json!([{ "staffKey": [] }]),
    }
}

fn security_schemes() -> Value {
    let bearer = |about: &str| json!({ "type": "http", "scheme": "bearer", "description": about });
    json!({
        "placeToken": bearer("a place's token; browsers send the cookie __Host-place-{sale}"),
        "passToken": bearer("a pass's token; browsers send the cookie __Host-pass-{sale}"),
        "apiKey": bearer("a shop's key: sk_<id>_<secret>"),
        "staffKey": bearer("an operator's key: sk_<id>_<secret>"),
    })
}
