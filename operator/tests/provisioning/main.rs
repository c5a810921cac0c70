//! Provisioning against real Kafka and Postgres, each test with a control database of its own.

#[cfg(test)]
mod backends;
#[cfg(test)]
mod bad_manifests;
#[cfg(test)]
mod buckets;
#[cfg(test)]
mod deletion_policy;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod driven;
#[cfg(test)]
mod half_answers;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod interruption;
#[cfg(test)]
mod lab;
#[cfg(test)]
mod leadership;
#[cfg(test)]
mod marks;
#[cfg(test)]
mod principals;
#[cfg(test)]
mod purging;
