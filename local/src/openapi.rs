//! The HTTP API of all functions as one OpenAPI 3.1 document, from the code; committed as `docs/openapi.json`.

use utoipa::openapi::{
    InfoBuilder, OpenApi, OpenApiBuilder,
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

/// Operations that ask nobody who they are.
const OPEN: [&str; 5] = ["register", "signIn", "redeemTicket", "refreshSession", "getJwks"];

/// The document.
pub fn document() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Threadly")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Team messaging. Every path stands under a workspace's handle; every error is a problem (RFC 9457) with a stable `code`."));
    let mut document = OpenApiBuilder::new().info(info.build()).build();
    for function in [auth::openapi(), directory::openapi(), messages::openapi(), realtime_edge::openapi()] {
        document.merge(function);
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("bearer".to_owned(), SecurityScheme::Http(bearer).into());
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            let open = operation.operation_id.as_deref().is_some_and(|id| OPEN.contains(&id));
            if !open {
                operation.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
            }
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::PathBuf};

    #[test]
    fn generated_openapi_is_current() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
        let document = super::document().to_pretty_json().unwrap() + "\n";
        if env::var_os("UPDATE_GENERATED").is_some() {
            fs::write(&path, &document).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == document, "docs/openapi.json is stale: run `cargo xtask generate`");
    }
}
