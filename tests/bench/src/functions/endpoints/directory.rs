//! Of `directory`.

use std::sync::atomic::Ordering;

use serde_json::json;
use uuid::Uuid;

use super::{Endpoint, Turn};
use crate::functions::{
    exchange::{Request, fresh},
    population::{CHANNELS, PEOPLE, Population, TEAMS},
    scene::CALLERS,
};

pub const ALL: &[Endpoint] = &[
    Endpoint { name: "get me", make: |turn| get(turn, "/me") },
    Endpoint {
        name: "get a person",
        make: |turn| get(turn, &format!("/people/{}", turn.scene.population.people[turn.number * 13 % PEOPLE].id)),
    },
    Endpoint { name: "list people, first page", make: |turn| get(turn, "/people") },
    Endpoint { name: "list people, page after page", make: |turn| get(turn, &format!("/people{}", turn.cursor())) },
    Endpoint {
        name: "list people, to a guest",
        make: |turn| Some(Request::get("/people").by(&turn.scene.guest.token)),
    },
    Endpoint {
        name: "search people by prefix",
        make: |turn| {
            let name = turn.scene.population.people[turn.number * 13 % PEOPLE].name.as_str();
            get(turn, &format!("/people?q={}", Turn::beginning(name)))
        },
    },
    Endpoint {
        name: "change own profile",
        make: |turn| {
            let body = json!({"title": format!("Title {}", turn.number)});
            Some(Request::patch("/me").by(&turn.caller().token).with(body))
        },
    },
    Endpoint {
        name: "put own status",
        make: |turn| {
            let body = json!({"emoji": "🌴", "text": format!("Away {}", turn.number)});
            Some(Request::put("/me/status").by(&turn.caller().token).with(body))
        },
    },
    Endpoint { name: "list channels, first page", make: |turn| get(turn, "/channels") },
    Endpoint { name: "list channels, page after page", make: |turn| get(turn, &format!("/channels{}", turn.cursor())) },
    Endpoint {
        name: "search channels by prefix",
        make: |turn| {
            let name = turn.scene.population.channels[turn.number * 7 % CHANNELS].name.as_str();
            get(turn, &format!("/channels?q={}", Turn::beginning(name)))
        },
    },
    Endpoint {
        name: "get a channel",
        make: |turn| {
            let number = Population::channel_of(turn.caller().person, turn.round());
            get(turn, &format!("/channels/{}", turn.scene.population.channels[number].id))
        },
    },
    Endpoint {
        name: "make a channel",
        make: |turn| {
            let id = fresh();
            let body = json!({"name": format!("made {id}"), "visibility": "public"});
            Some(Request::put(format!("/channels/{id}")).by(&turn.caller().token).with(body))
        },
    },
    Endpoint { name: "list 5,000 members, first page", make: |turn| get(turn, &format!("{}/members", first(turn))) },
    Endpoint {
        name: "list 5,000 members, page after page",
        make: |turn| get(turn, &format!("{}/members{}", first(turn), turn.cursor())),
    },
    Endpoint {
        name: "search 5,000 members",
        make: |turn| {
            let name = turn.scene.population.people[turn.number * 13 % PEOPLE].name.as_str();
            get(turn, &format!("{}/members?q={}", first(turn), Turn::beginning(name)))
        },
    },
    Endpoint {
        name: "join a channel",
        make: |turn| {
            turn.scene.joined.fetch_max(turn.number, Ordering::Relaxed);
            Some(Request::put(own_place(turn)).by(&turn.caller().token))
        },
    },
    Endpoint {
        name: "leave a channel",
        make: |turn| {
            let joined = turn.number <= turn.scene.joined.load(Ordering::Relaxed);
            joined.then(|| Request::delete(own_place(turn)).by(&turn.caller().token))
        },
    },
    Endpoint { name: "list teams", make: |turn| get(turn, "/teams") },
    Endpoint { name: "get a team", make: |turn| get(turn, &team(turn)) },
    Endpoint { name: "list a team's members", make: |turn| get(turn, &format!("{}/members", team(turn))) },
    Endpoint {
        name: "open a new conversation",
        make: |turn| {
            turn.scene.opened.fetch_max(turn.number, Ordering::Relaxed);
            talk(turn, turn.scene.population.people.get(CALLERS + turn.round())?.id)
        },
    },
    Endpoint {
        name: "open a known conversation",
        make: |turn| {
            let rounds = (turn.scene.opened.load(Ordering::Relaxed) / CALLERS).max(1);
            talk(turn, turn.scene.population.people[CALLERS + turn.round() % rounds].id)
        },
    },
    Endpoint { name: "list conversations", make: |turn| get(turn, "/conversations") },
    Endpoint {
        name: "make an invitation",
        make: |turn| {
            let owner = &turn.scene.callers[0].token;
            Some(Request::put(format!("/invitations/{}", fresh())).by(owner).with(json!({"role": "member"})))
        },
    },
    Endpoint {
        name: "list invitations",
        make: |turn| Some(Request::get("/invitations").by(&turn.scene.callers[0].token)),
    },
];

fn get(turn: &Turn<'_>, path: &str) -> Option<Request> {
    Some(Request::get(path).by(&turn.caller().token))
}

/// The channel with everybody in it.
fn first(turn: &Turn<'_>) -> String {
    format!("/channels/{}", turn.scene.population.channels[0].id)
}

fn team(turn: &Turn<'_>) -> String {
    format!("/teams/{}", turn.scene.population.teams[turn.number % TEAMS].id)
}

/// The caller in a public channel, another one each round.
fn own_place(turn: &Turn<'_>) -> String {
    // Without the first, which all are in.
    let public = 1 + turn.round() % (CHANNELS / 10 * 9 - 1);
    let channel = public / 9 * 10 + public % 9;
    let channel = turn.scene.population.channels[channel].id;
    format!("/channels/{channel}/members/{}", turn.caller().id)
}

fn talk(turn: &Turn<'_>, with: Uuid) -> Option<Request> {
    Some(Request::post("/conversations").by(&turn.caller().token).with(json!({"userIds": [with]})))
}
