//! The HTTP API of all functions as one OpenAPI 3.1 document, from the code; committed as `docs/openapi.json`. What holds
//! for every operation is said here once: who may call, what every answer carries, what may go wrong anywhere.

mod answers;
mod examples;
#[cfg(test)]
mod tests;

use utoipa::openapi::{
    InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr,
    path::{Operation, Parameter, ParameterIn, PathItem},
    schema::{Object, ObjectBuilder, Type},
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    server::ServerBuilder,
    tag::TagBuilder,
};

/// What each function is for.
const TAGS: [(&str, &str); 4] = [
    ("auth", "Who somebody is: signing up and in, sessions, tokens, accounts."),
    ("directory", "People, teams, channels and who is in them."),
    ("messages", "What is said in channels. Written to the workspace's log first, read from its database."),
    ("realtime", "The WebSocket; what goes over it is described in `/asyncapi.json`."),
];

/// The document.
pub fn document() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Threadly")
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build()))
        .description(Some(
            "Team messaging. Every path stands under a workspace's handle; every error is a problem (RFC 9457) with a \
             stable `code`. Ids are UUIDv7 and made by the client, so that a retry names the same thing.",
        ));
    let server = ServerBuilder::new().url("/").description(Some("Where this document was read"));
    let tags = TAGS.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build());
    let mut document = OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([server.build()]))
        .security(Some([SecurityRequirement::new("bearer", Vec::<String>::new())]))
        .tags(Some(tags))
        .build();
    for function in [auth::openapi(), directory::openapi(), messages::openapi(), realtime_edge::openapi()] {
        document.merge(function);
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token of a session, or an API token."));
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("bearer".to_owned(), SecurityScheme::Http(bearer.build()).into());
    components.headers.extend(answers::headers());
    let examples = examples::Examples::of(components);
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        say_who(operation);
        name_the_workspace(operation);
        answers::complete(operation);
        examples.add_to(operation);
    }
    document
}

/// The operations of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// An operation needs a token unless its handler says `security(())`.
fn say_who(operation: &mut Operation) {
    if operation.security.as_ref().is_some_and(|all| all.contains(&SecurityRequirement::default())) {
        // An empty list, which takes the document's requirement away; `{}` within one would make it optional.
        operation.security = Some(Vec::new());
    }
}

/// The parameter that every path has.
fn name_the_workspace(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(Parameter { name, parameter_in: ParameterIn::Path, description, schema, .. }) = parameter
            && name == "handle"
        {
            *description = Some("The workspace's name in URLs.".to_owned());
            *schema = Some(handle().into());
        }
    }
}

/// See `domain::Handle`.
fn handle() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(63))
        .pattern(Some("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))
        .examples(["acme"])
        .build()
}
