//! Of `auth`.

use serde_json::json;

use super::Endpoint;
use crate::functions::{
    exchange::{Request, fresh},
    population::PEOPLE,
    scene::{CALLERS, PASSWORD, sign_in},
};

pub const ALL: &[Endpoint] = &[
    Endpoint { name: SIGN_IN, make: |turn| Some(sign_in(CALLERS + turn.number % (PEOPLE - CALLERS - 1))) },
    Endpoint {
        name: "register",
        make: |_| {
            let id = fresh();
            let email = format!("{}@new.example", id.simple());
            let body = json!({"userId": id, "email": email, "password": PASSWORD, "displayName": format!("N {id}")});
            Some(Request::post("/auth/register").with(body))
        },
    },
    Endpoint {
        name: "refresh",
        make: |turn| {
            let known = || turn.scene.callers[turn.worker].refresh_token.as_str();
            let token = turn.last.text("refreshToken").unwrap_or_else(known);
            Some(Request::post("/auth/refresh").with(json!({"refreshToken": token})))
        },
    },
    Endpoint { name: "list own sessions", make: |turn| Some(Request::get("/me/sessions").by(&turn.caller().token)) },
    Endpoint { name: "list own API tokens", make: |turn| Some(Request::get("/me/tokens").by(&turn.caller().token)) },
    Endpoint { name: "meta", make: |_| Some(Request::get("/meta")) },
    Endpoint { name: "jwks", make: |_| Some(Request::get("/auth/jwks")) },
];

/// Whose CPU time is compared with argon2's.
pub const SIGN_IN: &str = "sign in";
