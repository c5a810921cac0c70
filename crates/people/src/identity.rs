//! The first sight of somebody whom a trusted issuer vouches for.

use domain::{AccountKind, Email, Name, Role, UserId};
use sqlx::PgConnection;
use tenancy::{TrustedIssuer, Workspace, settings::Admits, workspace::SignUp};

use crate::{Admission, NewPerson, PeopleError, accept, admit, check_name, for_address, store};

/// Somebody as an issuer knows them. The pair of issuer and subject is who they are; the rest only helps.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What the workspace says of the issuer.
    pub issuer: &'a TrustedIssuer,
    /// Never another's.
    pub subject: &'a str,
    /// An address that the issuer has verified.
    pub email: Option<&'a str>,
    /// What they are called there.
    pub name: Option<&'a str>,
}

/// Who a subject is in the workspace: known already, linked to the account that has proved the same address, or new by
/// the workspace's rule. An account whose address nobody has proved is never linked: somebody else may have made it, and
/// waits with its password for the owner of the address. Nor is one with a second factor: a mailbox would do instead of it.
///
/// # Errors
/// [`PeopleError::NotAdmitted`], [`PeopleError::AddressUnproved`], [`PeopleError::SecondFactorSet`],
/// [`PeopleError::WorkspaceFull`]; the database's.
pub async fn admit_subject(
    connection: &mut PgConnection,
    workspace: &Workspace,
    subject: Subject<'_>,
) -> Result<UserId, PeopleError> {
    let issuer = &subject.issuer.issuer;
    let email = subject.email.filter(|email| email.parse::<Email>().is_ok());
    let subject = Subject { email, ..subject };
    if let Some(user) = store::lock_subject(connection, issuer, subject.subject).await? {
        return Ok(user);
    }
    let user = match subject.email {
        Some(email) => match store::holder_of_address(connection, email).await? {
            Some(holder) if !holder.email.eq_ignore_ascii_case(email) => return Err(PeopleError::NotAdmitted),
            Some(holder) if !holder.proved => return Err(PeopleError::AddressUnproved),
            Some(holder) if holder.second_factor => return Err(PeopleError::SecondFactorSet),
            Some(holder) => holder.user,
            None => make(connection, workspace, subject).await?,
        },
        None => make(connection, workspace, subject).await?,
    };
    Ok(store::link(connection, issuer, subject.subject, user).await?)
}

async fn make(
    connection: &mut PgConnection,
    workspace: &Workspace,
    subject: Subject<'_>,
) -> Result<UserId, PeopleError> {
    let invitation = match subject.email {
        Some(email) => for_address(connection, email).await?,
        None => None,
    };
    let role = match &invitation {
        Some(invitation) => invitation.role,
        None if admits(workspace, subject) => Role::Member,
        None => return Err(PeopleError::NotAdmitted),
    };
    let local_part = subject.email.and_then(|email| email.split('@').next());
    let mut name = Name::lenient(subject.name.or(local_part).unwrap_or_default(), "Somebody");
    let id = UserId::random();
    if let Err(PeopleError::NameLooksTaken) = check_name(connection, id, &name).await {
        name = Name::lenient(local_part.unwrap_or_default(), "Somebody");
    }
    let person = NewPerson {
        id,
        email: subject.email,
        email_proved: subject.email.is_some(),
        name: &name,
        role,
        kind: AccountKind::Person,
    };
    if admit(connection, &workspace.settings.limits, person).await? == Admission::Taken {
        // Somebody has registered with the address just now.
        return Err(PeopleError::AddressUnproved);
    }
    if let Some(invitation) = &invitation {
        accept(connection, invitation, id).await?;
    }
    Ok(id)
}

/// Whether the workspace's rule lets the subject in without an invitation.
fn admits(workspace: &Workspace, subject: Subject<'_>) -> bool {
    if subject.issuer.admits == Admits::Anyone {
        return true;
    }
    match (&workspace.sign_up, subject.email) {
        (SignUp::Open, _) => true,
        (SignUp::Domain(domains), Some(email)) => {
            let domain = email.rsplit('@').next().unwrap_or_default();
            domains.iter().any(|own| own.eq_ignore_ascii_case(domain))
        }
        _ => false,
    }
}
