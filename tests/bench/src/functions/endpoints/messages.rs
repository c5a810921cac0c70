//! Of `messages`.

use serde_json::json;

use super::{Endpoint, Turn};
use crate::functions::{
    exchange::{Request, fresh},
    population::Population,
    scene::Posted,
};

const TEXT: &str = "Thirty-two Glasgow dockers quietly boxed five dozen jugs of wax.";

pub const ALL: &[Endpoint] = &[
    Endpoint {
        name: "post",
        make: |turn| {
            let number = Population::channel_of(turn.caller().person, turn.round());
            let channel = turn.scene.population.channels[number].id;
            let path = format!("/channels/{channel}/messages/{}", fresh());
            Some(Request::put(path).by(&turn.caller().token).with(json!({"text": TEXT})))
        },
    },
    Endpoint {
        name: "reply",
        make: |turn| {
            let parent = turn.scene.posted.first()?.id;
            let body = json!({"text": TEXT, "parentMessageId": parent});
            Some(Request::put(format!("{}/{}", first(turn), fresh())).by(&turn.caller().token).with(body))
        },
    },
    Endpoint { name: "list newest", make: |turn| Some(Request::get(first(turn)).by(&turn.caller().token)) },
    Endpoint {
        name: "list page after page",
        make: |turn| Some(Request::get(format!("{}{}", first(turn), turn.cursor())).by(&turn.caller().token)),
    },
    Endpoint {
        name: "list a thread",
        make: |turn| {
            let root = turn.scene.posted.first()?.id;
            Some(Request::get(format!("{}/{root}/thread", first(turn))).by(&turn.caller().token))
        },
    },
    Endpoint {
        name: "edit",
        make: |turn| {
            let posted = turn.scene.posted.get(turn.number % turn.scene.posted.len())?;
            let body = json!({"text": format!("{TEXT} {}", turn.number)});
            Some(Request::patch(path(turn, posted)).by(author(turn, posted)).with(body))
        },
    },
    Endpoint {
        name: "delete",
        make: |turn| {
            let posted = turn.scene.posted.get(turn.number)?;
            Some(Request::delete(path(turn, posted)).by(author(turn, posted)))
        },
    },
];

/// The messages of the channel with everybody in it.
fn first(turn: &Turn<'_>) -> String {
    format!("/channels/{}/messages", turn.scene.population.channels[0].id)
}

fn path(turn: &Turn<'_>, posted: &Posted) -> String {
    format!("{}/{}", first(turn), posted.id)
}

fn author<'a>(turn: &Turn<'a>, posted: &Posted) -> &'a str {
    &turn.scene.callers[posted.caller].token
}
