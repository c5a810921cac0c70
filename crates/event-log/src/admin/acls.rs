//! What principals may do: with all topics, or all groups, whose names begin alike.

use std::{
    collections::BTreeSet,
    ffi::{CString, c_char},
    ptr::null,
};

use rdkafka::{
    bindings::{
        self as sys, rd_kafka_AclOperation_t, rd_kafka_AclPermissionType_t, rd_kafka_ResourcePatternType_t,
        rd_kafka_ResourceType_t, rd_kafka_admin_op_t,
    },
    types::RDKafkaErrorCode,
};

use super::{
    AdminError, TopicAdmin,
    native::{Batch, Fault, Kafka, Owned, Patience, answer, ask, c_text, fault, members, text},
};

/// A principal may do one thing with everything of a kind whose name begins with a prefix, from any host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acl {
    /// Who: `User:` and the user's name.
    pub principal: String,
    /// With which kind.
    pub resource: Resource,
    /// What the names begin with.
    pub prefix: String,
    /// What.
    pub operation: Operation,
}

/// What rights are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Topics.
    Topic,
    /// Consumer groups.
    Group,
}

/// What may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Read records, or be a member of a group and commit its offsets.
    Read,
    /// Append records.
    Write,
    /// See that it exists, and where it ends. Reading and writing imply it.
    Describe,
    /// Delete it.
    Delete,
}

/// Which rights are meant: always one principal's, so that nobody else's are taken away by mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclScope {
    /// Whose: `User:` and the user's name.
    pub principal: String,
    /// Only those for this very prefix; all of the principal's without one.
    pub prefix: Option<String>,
}

/// The principal of a user.
#[must_use]
pub fn principal(user: &str) -> String {
    format!("User:{user}")
}

impl TopicAdmin {
    /// Gives rights; those that are there stay, so it is safe to repeat.
    ///
    /// # Errors
    /// See [`AdminError`]; others of the same call may have been given.
    pub async fn create_acls(&self, acls: &[Acl]) -> Result<(), AdminError> {
        if acls.is_empty() {
            return Ok(());
        }
        let (admin, acls) = (self.clone(), acls.to_vec());
        self.blocking(move |patience| {
            let what = || format!("the rights of {}", acls[0].principal);
            // SAFETY: the client lives as long as `admin`.
            unsafe { create(admin.kafka(), &acls, patience) }.map_err(|fault| admin.failed(&what(), fault))
        })
        .await
    }

    /// The rights in a scope, as far as they are of the kind that is made here: rights for one name, for one host, and
    /// what is forbidden are passed over.
    ///
    /// # Errors
    /// See [`AdminError`].
    pub async fn describe_acls(&self, scope: &AclScope) -> Result<BTreeSet<Acl>, AdminError> {
        let (admin, scope) = (self.clone(), scope.clone());
        self.blocking(move |patience| {
            let what = || format!("the rights of {}", scope.principal);
            // SAFETY: the client lives as long as `admin`.
            unsafe { describe(admin.kafka(), &scope, patience) }.map_err(|fault| admin.failed(&what(), fault))
        })
        .await
    }

    /// Takes everything in a scope away, whatever its kind; how much that was. What it allowed ends at once. A cluster that
    /// asks for nobody's rights has none to take.
    ///
    /// # Errors
    /// See [`AdminError`].
    pub async fn delete_acls(&self, scope: &AclScope) -> Result<usize, AdminError> {
        let (admin, scope) = (self.clone(), scope.clone());
        let deleted = self.blocking(move |patience| {
            let what = || format!("the rights of {}", scope.principal);
            // SAFETY: the client lives as long as `admin`.
            unsafe { delete(admin.kafka(), &scope, patience) }.map_err(|fault| admin.failed(&what(), fault))
        });
        match deleted.await {
            Err(AdminError::Refused { code: RDKafkaErrorCode::SecurityDisabled, .. }) => Ok(0),
            deleted => deleted,
        }
    }
}

/// # Safety
/// `kafka` is a live client.
unsafe fn create(kafka: Kafka, acls: &[Acl], patience: &Patience) -> Result<(), Fault> {
    let mut bindings: Batch<_> = acls.iter().map(binding).collect::<Result<Vec<_>, _>>()?.into_iter().collect();
    let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_CREATEACLS;
    // SAFETY: the bindings live through the request, which copies them; the answer is looked at before it goes.
    unsafe {
        let event = ask(kafka, operation, patience, |options, queue| {
            sys::rd_kafka_CreateAcls(kafka, bindings.pointers(), bindings.len(), options, queue);
        })?;
        let result = answer(sys::rd_kafka_event_CreateAcls_result(event.get()))?;
        let mut count = 0;
        let results = sys::rd_kafka_CreateAcls_result_acls(result, &raw mut count);
        let fault_of = |result| fault(sys::rd_kafka_acl_result_error(result));
        members(results, count, &event).find_map(fault_of).map_or(Ok(()), Err)
    }
}

/// # Safety
/// `kafka` is a live client.
unsafe fn describe(kafka: Kafka, scope: &AclScope, patience: &Patience) -> Result<BTreeSet<Acl>, Fault> {
    let filter = filter(scope)?;
    let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBEACLS;
    // SAFETY: the filter lives through the request, which copies it; the bindings are copied before the answer goes.
    unsafe {
        let event = ask(kafka, operation, patience, |options, queue| {
            sys::rd_kafka_DescribeAcls(kafka, filter.get(), options, queue);
        })?;
        let result = answer(sys::rd_kafka_event_DescribeAcls_result(event.get()))?;
        let mut count = 0;
        let bindings = sys::rd_kafka_DescribeAcls_result_acls(result, &raw mut count);
        Ok(members(bindings, count, &event).filter_map(|binding| acl(binding)).collect())
    }
}

/// # Safety
/// `kafka` is a live client.
unsafe fn delete(kafka: Kafka, scope: &AclScope, patience: &Patience) -> Result<usize, Fault> {
    let mut filters = Batch::from_iter([filter(scope)?]);
    let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DELETEACLS;
    // SAFETY: the filters live through the request, which copies them; the answer is looked at before it goes.
    unsafe {
        let event = ask(kafka, operation, patience, |options, queue| {
            sys::rd_kafka_DeleteAcls(kafka, filters.pointers(), filters.len(), options, queue);
        })?;
        let result = answer(sys::rd_kafka_event_DeleteAcls_result(event.get()))?;
        let mut count = 0;
        let responses = sys::rd_kafka_DeleteAcls_result_responses(result, &raw mut count);
        let mut deleted = 0;
        for response in members(responses, count, &event) {
            if let Some(fault) = fault(sys::rd_kafka_DeleteAcls_result_response_error(response)) {
                return Err(fault);
            }
            let mut matching = 0;
            let bindings = sys::rd_kafka_DeleteAcls_result_response_matching_acls(response, &raw mut matching);
            for binding in members(bindings, matching, &event) {
                if let Some(fault) = fault(sys::rd_kafka_AclBinding_error(binding)) {
                    return Err(fault);
                }
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}

const ANY_HOST: &std::ffi::CStr = c"*";

fn binding(acl: &Acl) -> Result<Owned<sys::rd_kafka_AclBinding_t>, Fault> {
    let (principal, prefix) = (c_text(&acl.principal)?, c_text(&acl.prefix)?);
    let mut words: [c_char; 256] = [0; 256];
    // SAFETY: the library copies the texts.
    unsafe {
        let binding = sys::rd_kafka_AclBinding_new(
            acl.resource.native(),
            prefix.as_ptr(),
            rd_kafka_ResourcePatternType_t::RD_KAFKA_RESOURCE_PATTERN_PREFIXED,
            principal.as_ptr(),
            ANY_HOST.as_ptr(),
            acl.operation.native(),
            rd_kafka_AclPermissionType_t::RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
            words.as_mut_ptr(),
            words.len(),
        );
        Owned::new(binding, sys::rd_kafka_AclBinding_destroy).ok_or_else(|| Fault::invalid(text(words.as_ptr())))
    }
}

fn filter(scope: &AclScope) -> Result<Owned<sys::rd_kafka_AclBindingFilter_t>, Fault> {
    let principal = c_text(&scope.principal)?;
    let prefix: Option<CString> = scope.prefix.as_deref().map(c_text).transpose()?;
    let pattern = match prefix {
        Some(_) => rd_kafka_ResourcePatternType_t::RD_KAFKA_RESOURCE_PATTERN_PREFIXED,
        None => rd_kafka_ResourcePatternType_t::RD_KAFKA_RESOURCE_PATTERN_ANY,
    };
    let mut words: [c_char; 256] = [0; 256];
    // SAFETY: the library copies the texts; null means any.
    unsafe {
        let filter = sys::rd_kafka_AclBindingFilter_new(
            rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_ANY,
            prefix.as_ref().map_or(null(), |prefix| prefix.as_ptr()),
            pattern,
            principal.as_ptr(),
            null(),
            rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_ANY,
            rd_kafka_AclPermissionType_t::RD_KAFKA_ACL_PERMISSION_TYPE_ANY,
            words.as_mut_ptr(),
            words.len(),
        );
        Owned::new(filter, sys::rd_kafka_AclBinding_destroy).ok_or_else(|| Fault::invalid(text(words.as_ptr())))
    }
}

/// # Safety
/// `binding` is live.
unsafe fn acl(binding: *const sys::rd_kafka_AclBinding_t) -> Option<Acl> {
    // SAFETY: the caller's promise.
    unsafe {
        let allowed = rd_kafka_AclPermissionType_t::RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW;
        let prefixed = rd_kafka_ResourcePatternType_t::RD_KAFKA_RESOURCE_PATTERN_PREFIXED;
        let of_our_kind = sys::rd_kafka_AclBinding_permission_type(binding) == allowed
            && sys::rd_kafka_AclBinding_resource_pattern_type(binding) == prefixed
            && text(sys::rd_kafka_AclBinding_host(binding)).as_bytes() == ANY_HOST.to_bytes();
        let (resource, operation) =
            (sys::rd_kafka_AclBinding_restype(binding), sys::rd_kafka_AclBinding_operation(binding));
        Some(Acl {
            principal: text(sys::rd_kafka_AclBinding_principal(binding)),
            resource: Resource::ALL.into_iter().find(|known| of_our_kind && known.native() == resource)?,
            prefix: text(sys::rd_kafka_AclBinding_name(binding)),
            operation: Operation::ALL.into_iter().find(|known| known.native() == operation)?,
        })
    }
}

impl Resource {
    const ALL: [Self; 2] = [Self::Topic, Self::Group];

    const fn native(self) -> rd_kafka_ResourceType_t {
        match self {
            Self::Topic => rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC,
            Self::Group => rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_GROUP,
        }
    }
}

impl Operation {
    const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Describe, Self::Delete];

    const fn native(self) -> rd_kafka_AclOperation_t {
        match self {
            Self::Read => rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_READ,
            Self::Write => rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_WRITE,
            Self::Describe => rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_DESCRIBE,
            Self::Delete => rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_DELETE,
        }
    }
}
