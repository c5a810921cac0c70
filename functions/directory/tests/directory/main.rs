//! The directory as a process on the real Kafka and Postgres: each rule and each limit, wrong states, two at once.

mod channels;
mod conversations;
mod invitations;
mod limits;
mod people;
mod stage;
mod storage;
mod teams;
