//! What holds for every answer: `function-host` stands around all handlers, and this is what it adds.

use utoipa::openapi::{
    ContentBuilder, Header, Ref, RefOr, Response, ResponseBuilder,
    header::HeaderBuilder,
    path::Operation,
    schema::{ObjectBuilder, Type},
};

/// Refusals, and trouble of ours: both may come to every request.
const PROBLEMS: [&str; 2] = ["4XX", "5XX"];

/// The headers, for the document's components.
pub(super) fn headers() -> Vec<(String, RefOr<Header>)> {
    let text = [
        (
            "x-request-id",
            "Names this request in our logs. One that the client sent is taken over: up to 64 letters, digits, `-` and `_`.",
            "01934f2e-0000-7000-8000-00000000000a",
        ),
        ("ratelimit-policy", "What the caller may ask: `q` requests in `w` seconds.", "\"default\";q=400;w=4"),
        (
            "ratelimit",
            "What is left of it: `r` requests now, all of them after `t` seconds. Where requests are counted.",
            "\"default\";r=399;t=1",
        ),
        (
            "etag",
            "The version of what Postgres keeps. `If-None-Match` with it is answered 304 while it is current, `If-Match` 412 \
             once it is not.",
            "\"3\"",
        ),
        (
            "threadly-position",
            "The record's place in the log; of a list, the place up to which it is complete. `atLeast` takes it.",
            "p1.0.4711",
        ),
        ("location", "Where it is.", "https://buckets.example/threadly-k3v7q2hdm6xa/avatars/ada"),
        ("www-authenticate", "With 401: the scheme.", "Bearer"),
    ];
    let text = text.map(|(name, description, example)| {
        let schema = ObjectBuilder::new().schema_type(Type::String).build();
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description));
        (name.to_owned(), header.example(Some(example.into())).build().into())
    });
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    let wait = "With 429 and 503: seconds to wait before the same request is made again.";
    let wait = HeaderBuilder::new().schema(Some(seconds)).description(Some(wait)).example(Some(1.into())).build();
    text.into_iter().chain([("retry-after".to_owned(), wait.into())]).collect()
}

/// Adds what every operation answers, and the headers of each answer.
pub(super) fn complete(operation: &mut Operation) {
    let answers = &mut operation.responses.responses;
    for status in PROBLEMS {
        answers.entry(status.to_owned()).or_insert_with(|| problem().into());
    }
    let of_messages = operation.tags.iter().flatten().any(|tag| tag == "messages");
    for (status, answer) in answers {
        let RefOr::T(answer) = answer else { continue };
        if answer.description.is_empty() {
            meaning(status).clone_into(&mut answer.description);
        }
        let more: &[&str] = match status.as_bytes() {
            // The answer to an upgrade is the last thing that HTTP says.
            b"101" => &[],
            b"304" => &["etag"],
            [b'2', ..] if of_messages => &["threadly-position"],
            [b'2', ..] => &["etag"],
            [b'3', ..] => &["location"],
            [b'4', ..] => &["retry-after", "www-authenticate"],
            _ => &["retry-after"],
        };
        for name in ["x-request-id", "ratelimit", "ratelimit-policy"].iter().chain(more) {
            let header = Ref::new(format!("#/components/headers/{name}"));
            answer.headers.entry((*name).to_owned()).or_insert(RefOr::Ref(header));
        }
    }
}

fn problem() -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().content("application/problem+json", content).build()
}

/// What a status says where the operation says no more.
fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "As asked",
        "201" => "Made",
        "202" => "Taken; it is done later",
        "204" => "Done; there is nothing to say",
        "302" => "Elsewhere, at `location`",
        "304" => "The reader has the current version",
        "5XX" => "Trouble here; a 503 may succeed after `retry-after` seconds",
        _ => "Refused; `code` says why",
    }
}
