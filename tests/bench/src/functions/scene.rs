//! What requests are about: the population, who of them is signed in, and what they have posted.

use std::sync::atomic::AtomicUsize;

use anyhow::Context;
use serde_json::json;
use uuid::Uuid;

use super::{
    exchange::{Connection, Request, fresh},
    population::{PEOPLE, Population},
    store::Store,
};
use crate::wire::Server;

/// Everybody's.
pub const PASSWORD: &str = "correct horse battery";
/// People who ask, in turn.
pub const CALLERS: usize = 100;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Caller {
    pub person: usize,
    pub id: Uuid,
    pub token: String,
    pub refresh_token: String,
}

/// A message in the first channel, and the number of the caller who posted it.
#[derive(Clone, Copy, Debug)]
pub struct Posted {
    pub id: Uuid,
    pub caller: usize,
}

/// What there is.
#[derive(Debug)]
pub struct Scene {
    pub population: Population,
    pub callers: Vec<Caller>,
    pub guest: Caller,
    pub posted: Vec<Posted>,
    /// How many of the channels that may be joined were.
    pub joined: AtomicUsize,
    /// How many conversations were opened.
    pub opened: AtomicUsize,
    /// The stored form of everybody's password.
    pub password_hash: String,
}

impl Scene {
    /// Registers the first person, and fills the workspace with all others, who have the same password.
    pub async fn set(auth: &Server, store: &Store) -> anyhow::Result<Self> {
        let first = fresh();
        let mut connection = Connection::open(auth)?;
        let body = json!({
            "userId": first, "email": Population::email(0), "password": PASSWORD, "displayName": "First"
        });
        let answer = connection.ask(&Request::post("/auth/register").with(body))?;
        anyhow::ensure!(answer.status == 201, "the first person is refused: {}", answer.status);
        let password_hash = store.password_hash(first).await?;
        let population = Population::new(first)?;
        store.fill(&population).await?;
        let callers = Self::sign_in(auth, &population, 0..CALLERS)?;
        let guest = Self::sign_in(auth, &population, PEOPLE - 1..PEOPLE)?.pop().context("a guest")?;
        let (posted, joined, opened) = (Vec::new(), AtomicUsize::new(0), AtomicUsize::new(0));
        Ok(Self { population, callers, guest, posted, joined, opened, password_hash })
    }

    /// Gives all callers new tokens: they are good for ten minutes.
    pub fn sign_in_again(&mut self, auth: &Server) -> anyhow::Result<()> {
        self.callers = Self::sign_in(auth, &self.population, 0..CALLERS)?;
        self.guest = Self::sign_in(auth, &self.population, PEOPLE - 1..PEOPLE)?.pop().context("a guest")?;
        Ok(())
    }

    fn sign_in(auth: &Server, population: &Population, people: std::ops::Range<usize>) -> anyhow::Result<Vec<Caller>> {
        let mut connection = Connection::open(auth)?;
        people
            .map(|person| {
                let answer = connection.ask(&sign_in(person))?;
                let said = || String::from_utf8_lossy(&answer.body).into_owned();
                let text = |field| answer.text(field).map(str::to_owned).with_context(said);
                let (token, refresh_token) = (text("accessToken")?, text("refreshToken")?);
                Ok(Caller { person, id: population.people[person].id, token, refresh_token })
            })
            .collect()
    }

    /// Posts so many messages into the first channel, by the callers in turn.
    pub fn post(&mut self, messages: &Server, count: usize) -> anyhow::Result<()> {
        let mut connection = Connection::open(messages)?;
        let channel = self.population.channels[0].id;
        for number in 0..count {
            let posted = Posted { id: fresh(), caller: number % CALLERS };
            let path = format!("/channels/{channel}/messages/{}", posted.id);
            let body = json!({"text": "Thirty-two Glasgow dockers quietly boxed five dozen jugs of wax."});
            let request = Request::put(path).by(&self.callers[posted.caller].token).with(body);
            let answer = connection.ask(&request)?;
            anyhow::ensure!(answer.status == 201, "a post is refused: {}", String::from_utf8_lossy(&answer.body));
            self.posted.push(posted);
        }
        Ok(())
    }
}

/// Signing in as somebody.
pub fn sign_in(person: usize) -> Request {
    Request::post("/auth/sign-in").with(json!({"email": Population::email(person), "password": PASSWORD}))
}
