//! A Kafka that speaks SASL_SSL only and asks for everybody's rights: who gets in, who may what, and what its
//! administration leaves alone. One broker for all tests; each works with names of its own.

#[cfg(test)]
mod broker;
#[cfg(test)]
mod login;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod tenant;
#[cfg(test)]
mod topics;
