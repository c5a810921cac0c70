//! Users who are known by a password (SCRAM). The cluster tells how each password is kept, never the password.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{CString, c_char},
};

use rdkafka::{
    bindings::{self as sys, rd_kafka_ScramMechanism_t, rd_kafka_admin_op_t},
    types::RDKafkaErrorCode,
};

use super::{
    AdminError, TopicAdmin,
    native::{Batch, Fault, Kafka, Owned, Patience, answer, ask, c_text, fault, members, text},
};
use crate::security::{Login, Mechanism};

/// How a user's password is kept: by which mechanism, with how many iterations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Credential {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// How often the password is hashed; Kafka takes 4,096 to 16,384.
    pub iterations: u16,
}

impl TopicAdmin {
    /// Makes the user, or gives it this password instead of the one it has with this mechanism. The salt is random.
    ///
    /// # Errors
    /// See [`AdminError`].
    pub async fn upsert_user(&self, login: &Login, iterations: u16) -> Result<(), AdminError> {
        let login = login.clone();
        let user = login.user.clone();
        self.alter_user(user, move |user| {
            let password = login.password.expose().as_bytes();
            // SAFETY: the library copies name and password; without a salt it makes one.
            unsafe {
                Owned::new(
                    sys::rd_kafka_UserScramCredentialUpsertion_new(
                        user.as_ptr(),
                        native(login.mechanism),
                        i32::from(iterations),
                        password.as_ptr(),
                        password.len(),
                        std::ptr::null(),
                        0,
                    ),
                    sys::rd_kafka_UserScramCredentialAlteration_destroy,
                )
            }
        })
        .await
    }

    /// Takes a user's password of this mechanism away; one that has none is left as it is. Connections that are open stay.
    ///
    /// # Errors
    /// See [`AdminError`].
    pub async fn delete_user(&self, user: &str, mechanism: Mechanism) -> Result<(), AdminError> {
        let deleted = self
            .alter_user(user.to_owned(), move |user| {
                // SAFETY: the library copies the name.
                unsafe {
                    Owned::new(
                        sys::rd_kafka_UserScramCredentialDeletion_new(user.as_ptr(), native(mechanism)),
                        sys::rd_kafka_UserScramCredentialAlteration_destroy,
                    )
                }
            })
            .await;
        match deleted {
            Err(AdminError::Refused { code: RDKafkaErrorCode::ResourceNotFound, .. }) => Ok(()),
            deleted => deleted,
        }
    }

    /// How the users' passwords are kept, by user; one without any is not in the answer.
    ///
    /// # Errors
    /// See [`AdminError`].
    pub async fn describe_users(&self, users: &[String]) -> Result<BTreeMap<String, BTreeSet<Credential>>, AdminError> {
        // No names would mean all users.
        if users.is_empty() {
            return Ok(BTreeMap::new());
        }
        let (admin, users) = (self.clone(), users.to_vec());
        self.blocking(move |patience| {
            // SAFETY: the client lives as long as `admin`.
            unsafe { describe(admin.kafka(), &users, patience) }
                .map_err(|(user, fault)| admin.failed(&format!("user {}", user.unwrap_or_default()), fault))
        })
        .await
    }

    async fn alter_user(
        &self,
        user: String,
        alteration: impl FnOnce(&CString) -> Option<Owned<sys::rd_kafka_UserScramCredentialAlteration_t>> + Send + 'static,
    ) -> Result<(), AdminError> {
        let admin = self.clone();
        self.blocking(move |patience| {
            let alter = || {
                let alteration = alteration(&c_text(&user)?).ok_or_else(Fault::out_of_memory)?;
                // SAFETY: the client lives as long as `admin`.
                unsafe { alter(admin.kafka(), alteration, patience) }
            };
            alter().map_err(|fault| admin.failed(&format!("user {user}"), fault))
        })
        .await
    }
}

/// # Safety
/// `kafka` is a live client.
unsafe fn alter(
    kafka: Kafka,
    alteration: Owned<sys::rd_kafka_UserScramCredentialAlteration_t>,
    patience: &Patience,
) -> Result<(), Fault> {
    let mut alterations = Batch::from_iter([alteration]);
    let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_ALTERUSERSCRAMCREDENTIALS;
    // SAFETY: the alterations live through the request, which copies them; what the answer has is looked at before it goes.
    unsafe {
        let event = ask(kafka, operation, patience, |options, queue| {
            sys::rd_kafka_AlterUserScramCredentials(kafka, alterations.pointers(), alterations.len(), options, queue);
        })?;
        let result = answer(sys::rd_kafka_event_AlterUserScramCredentials_result(event.get()))?;
        let mut count = 0;
        let responses = sys::rd_kafka_AlterUserScramCredentials_result_responses(result, &raw mut count);
        let fault_of = |response| fault(sys::rd_kafka_AlterUserScramCredentials_result_response_error(response));
        members(responses, count, &event).find_map(fault_of).map_or(Ok(()), Err)
    }
}

/// What went wrong, and with which user if with one.
type UserFault = (Option<String>, Fault);

/// # Safety
/// `kafka` is a live client.
unsafe fn describe(
    kafka: Kafka,
    users: &[String],
    patience: &Patience,
) -> Result<BTreeMap<String, BTreeSet<Credential>>, UserFault> {
    let of_all = |fault| (None, fault);
    let names: Vec<CString> =
        users.iter().map(|user| c_text(user).map_err(|fault| (Some(user.clone()), fault))).collect::<Result<_, _>>()?;
    let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBEUSERSCRAMCREDENTIALS;
    // SAFETY: the names live through the request, which copies them; the answer's parts are copied before it goes.
    unsafe {
        let event = ask(kafka, operation, patience, |options, queue| {
            sys::rd_kafka_DescribeUserScramCredentials(kafka, pointers.as_mut_ptr(), pointers.len(), options, queue);
        })
        .map_err(of_all)?;
        let result = answer(sys::rd_kafka_event_DescribeUserScramCredentials_result(event.get())).map_err(of_all)?;
        let mut count = 0;
        let descriptions = sys::rd_kafka_DescribeUserScramCredentials_result_descriptions(result, &raw mut count);
        let mut found = BTreeMap::new();
        for description in members(descriptions, count, &event) {
            let user = text(sys::rd_kafka_UserScramCredentialsDescription_user(description));
            match fault(sys::rd_kafka_UserScramCredentialsDescription_error(description)) {
                None => {}
                Some(Fault { code: RDKafkaErrorCode::ResourceNotFound, .. }) => continue,
                Some(fault) => return Err((Some(user), fault)),
            }
            let credentials = 0..sys::rd_kafka_UserScramCredentialsDescription_scramcredentialinfo_count(description);
            let credentials = credentials.filter_map(|index| {
                let info = sys::rd_kafka_UserScramCredentialsDescription_scramcredentialinfo(description, index);
                let mechanism = mechanism(sys::rd_kafka_ScramCredentialInfo_mechanism(info))?;
                let iterations = u16::try_from(sys::rd_kafka_ScramCredentialInfo_iterations(info)).ok()?;
                Some(Credential { mechanism, iterations })
            });
            found.insert(user, credentials.collect());
        }
        Ok(found)
    }
}

const fn native(mechanism: Mechanism) -> rd_kafka_ScramMechanism_t {
    match mechanism {
        Mechanism::ScramSha256 => rd_kafka_ScramMechanism_t::RD_KAFKA_SCRAM_MECHANISM_SHA_256,
        Mechanism::ScramSha512 => rd_kafka_ScramMechanism_t::RD_KAFKA_SCRAM_MECHANISM_SHA_512,
    }
}

fn mechanism(found: rd_kafka_ScramMechanism_t) -> Option<Mechanism> {
    Mechanism::ALL.into_iter().find(|mechanism| native(*mechanism) == found)
}
