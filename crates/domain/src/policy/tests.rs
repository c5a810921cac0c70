use super::*;
use crate::Scope;

fn person(role: Role) -> Person {
    Person { id: UserId::random(), role, active: true, live: true, scopes: None }
}

fn channel(visibility: Visibility, membership: Option<ChannelRole>) -> Channel {
    Channel { kind: ChannelKind::Channel, visibility, posting: Posting::Everyone, archived: false, membership }
}

fn ask(person: &Person, channel: Channel, action: Action) -> Result<(), Refusal> {
    decide(person, &Target::Channel(Some(channel)), action)
}

fn of_channels(me: UserId) -> Vec<Action> {
    let other = UserId::random();
    vec![
        Action::SeeChannel,
        Action::ReadMessages,
        Action::PostMessage,
        Action::ChangeChannel,
        Action::ArchiveChannel,
        Action::ChangeMemberRole,
        Action::AddMember { member: me },
        Action::AddMember { member: other },
        Action::RemoveMember { member: other },
        Action::DeleteMessage { author: other },
        Action::EditMessage { author: me },
    ]
}

#[test]
fn a_private_channel_does_not_exist_for_an_outsider_even_an_owner_nor_any_for_a_guest() {
    let (owner, guest) = (person(Role::Owner), person(Role::Guest));
    for action in of_channels(owner.id) {
        let hidden = ask(&owner, channel(Visibility::Private, None), action);
        assert_eq!(hidden, Err(Refusal::ChannelNotFound), "{action:?}");
        assert_eq!(decide(&owner, &Target::Channel(None), action), Err(Refusal::ChannelNotFound));
    }
    for action in of_channels(guest.id) {
        let hidden = ask(&guest, channel(Visibility::Public, None), action);
        assert_eq!(hidden, Err(Refusal::ChannelNotFound), "{action:?}");
    }
}

#[test]
fn a_public_channel_can_be_seen_and_joined_but_not_read() {
    let me = person(Role::Member);
    let public = channel(Visibility::Public, None);
    assert_eq!(ask(&me, public, Action::SeeChannel), Ok(()));
    assert_eq!(ask(&me, public, Action::AddMember { member: me.id }), Ok(()));
    assert_eq!(ask(&me, public, Action::AddMember { member: UserId::random() }), Err(Refusal::NotAMember));
    assert_eq!(ask(&me, public, Action::ReadMessages), Err(Refusal::NotAMember));
    assert_eq!(ask(&me, public, Action::PostMessage), Err(Refusal::NotAMember));
    assert_eq!(ask(&me, public, Action::ArchiveChannel), Err(Refusal::NotAMember));
    let admin = person(Role::Admin);
    assert_eq!(ask(&admin, public, Action::ArchiveChannel), Ok(()));
    assert_eq!(ask(&admin, public, Action::ReadMessages), Err(Refusal::NotAMember));
}

#[test]
fn others_content_needs_an_admin_and_edits_the_author() {
    let me = person(Role::Member);
    let other = UserId::random();
    let inside = channel(Visibility::Public, Some(ChannelRole::Member));
    assert_eq!(ask(&me, inside, Action::DeleteMessage { author: other }), Err(Refusal::NotAnAdmin));
    assert_eq!(ask(&me, inside, Action::EditMessage { author: other }), Err(Refusal::NotTheAuthor));
    assert_eq!(ask(&me, inside, Action::RemoveMember { member: other }), Err(Refusal::NotAnAdmin));
    assert_eq!(ask(&me, inside, Action::ChangeMemberRole), Err(Refusal::NotAnAdmin));
    assert_eq!(ask(&me, inside, Action::RemoveMember { member: me.id }), Ok(()));
    let admin = person(Role::Admin);
    assert_eq!(ask(&admin, inside, Action::DeleteMessage { author: other }), Ok(()));
    assert_eq!(ask(&admin, inside, Action::EditMessage { author: other }), Err(Refusal::NotTheAuthor));
}

#[test]
fn guests_read_and_post_where_they_were_let_in_and_let_nobody_in() {
    let guest = person(Role::Guest);
    let inside = channel(Visibility::Public, Some(ChannelRole::Member));
    assert_eq!(ask(&guest, inside, Action::ReadMessages), Ok(()));
    assert_eq!(ask(&guest, inside, Action::PostMessage), Ok(()));
    assert_eq!(ask(&guest, inside, Action::AddMember { member: UserId::random() }), Err(Refusal::NotForGuests));
    for action in [Action::CreateChannel, Action::CreateTeam] {
        assert_eq!(decide(&guest, &Target::Workspace, action), Err(Refusal::NotForGuests));
    }
}

#[test]
fn an_archived_channel_is_read_left_and_brought_back_and_nothing_else() {
    let admin = person(Role::Admin);
    let archived = Channel { archived: true, ..channel(Visibility::Public, Some(ChannelRole::Admin)) };
    let allowed = [Action::SeeChannel, Action::ReadMessages, Action::ArchiveChannel];
    for action in of_channels(admin.id) {
        let removes = matches!(action, Action::RemoveMember { .. });
        let expected = if allowed.contains(&action) || removes { Ok(()) } else { Err(Refusal::ChannelArchived) };
        assert_eq!(ask(&admin, archived, action), expected, "{action:?}");
    }
    let outside = Channel { membership: None, ..archived };
    assert_eq!(ask(&admin, outside, Action::AddMember { member: admin.id }), Err(Refusal::ChannelArchived));
}

#[test]
fn nobody_comes_into_a_conversation_or_out_of_it_and_it_has_no_properties() {
    let owner = person(Role::Owner);
    let direct = Channel { kind: ChannelKind::Direct, ..channel(Visibility::Private, Some(ChannelRole::Member)) };
    for action in of_channels(owner.id) {
        let fixed = matches!(
            action,
            Action::ChangeChannel
                | Action::ArchiveChannel
                | Action::ChangeMemberRole
                | Action::AddMember { .. }
                | Action::RemoveMember { .. }
        );
        let expected = if fixed { Err(Refusal::ConversationFixed) } else { Ok(()) };
        assert_eq!(ask(&owner, direct, action), expected, "{action:?}");
    }
}

#[test]
fn where_only_admins_post_others_read() {
    let me = person(Role::Member);
    let news = Channel { posting: Posting::Admins, ..channel(Visibility::Public, Some(ChannelRole::Member)) };
    assert_eq!(ask(&me, news, Action::PostMessage), Err(Refusal::PostingRestricted));
    assert_eq!(ask(&me, news, Action::ReadMessages), Ok(()));
    let its_admin = Channel { membership: Some(ChannelRole::Admin), ..news };
    assert_eq!(ask(&me, its_admin, Action::PostMessage), Ok(()));
    assert_eq!(ask(&person(Role::Admin), news, Action::PostMessage), Ok(()));
}

#[test]
fn admins_manage_members_and_guests_and_owners_everybody() {
    use Role::{Admin, Guest, Member, Owner};
    let ask = |by, action| decide(&person(by), &Target::Workspace, action);
    for (by, from, to, expected) in [
        (Member, Guest, Member, Err(Refusal::NotAnAdmin)),
        (Guest, Guest, Guest, Err(Refusal::NotAnAdmin)),
        (Admin, Guest, Member, Ok(())),
        (Admin, Member, Admin, Err(Refusal::NotAnOwner)),
        (Admin, Admin, Member, Err(Refusal::NotAnOwner)),
        (Admin, Owner, Member, Err(Refusal::NotAnOwner)),
        (Owner, Member, Owner, Ok(())),
        (Owner, Owner, Guest, Ok(())),
    ] {
        assert_eq!(ask(by, Action::ChangeRole { from, to }), expected, "{by:?} {from:?} {to:?}");
        let manage = Action::ManagePerson { person: UserId::random(), role: from };
        let higher = if to.includes(from) { to } else { from };
        if higher == from {
            assert_eq!(ask(by, manage), expected, "{by:?} {from:?}");
        } else {
            assert_eq!(ask(by, Action::Invite { role: to }), expected, "{by:?} {to:?}");
        }
    }
    let me = person(Member);
    let own = Action::ManagePerson { person: me.id, role: Member };
    assert_eq!(decide(&me, &Target::Workspace, own), Ok(()));
    assert_eq!(decide(&me, &Target::Workspace, Action::ErasePerson { person: me.id }), Ok(()));
    assert_eq!(ask(Admin, Action::ErasePerson { person: me.id }), Err(Refusal::NotAnOwner));
}

#[test]
fn leads_and_admins_change_teams_and_everybody_leaves_them() {
    let ask = |person: &Person, membership, action| {
        decide(person, &Target::Team(Some(Team { archived: false, membership })), action)
    };
    let me = person(Role::Member);
    let go = Action::RemoveTeamMember { member: me.id };
    assert_eq!(ask(&me, None, Action::SeeTeam), Ok(()));
    assert_eq!(ask(&me, Some(TeamRole::Member), Action::ChangeTeam), Err(Refusal::NotALead));
    assert_eq!(ask(&me, Some(TeamRole::Member), go), Ok(()));
    assert_eq!(ask(&me, Some(TeamRole::Lead), Action::AddTeamMember), Ok(()));
    assert_eq!(ask(&person(Role::Admin), None, Action::ChangeTeam), Ok(()));
    let guest = person(Role::Guest);
    assert_eq!(ask(&guest, None, Action::SeeTeam), Err(Refusal::TeamNotFound));
    assert_eq!(ask(&guest, Some(TeamRole::Lead), Action::ChangeTeam), Err(Refusal::NotForGuests));
    let over = Target::Team(Some(Team { archived: true, membership: Some(TeamRole::Lead) }));
    assert_eq!(decide(&me, &over, Action::SeeTeam), Err(Refusal::TeamNotFound));
}

#[test]
fn a_token_may_no_more_than_its_scopes_and_its_person() {
    let scopes = Some(Scopes::from_iter([Scope::MessagesRead]));
    let bot = Person { scopes, ..person(Role::Owner) };
    let inside = channel(Visibility::Public, Some(ChannelRole::Member));
    assert_eq!(ask(&bot, inside, Action::ReadMessages), Ok(()));
    assert_eq!(ask(&bot, inside, Action::PostMessage), Err(Refusal::ScopeMissing));
    assert_eq!(ask(&bot, channel(Visibility::Private, None), Action::ReadMessages), Err(Refusal::ChannelNotFound));
    assert_eq!(decide(&bot, &Target::Workspace, Action::UseWorkspace), Ok(()));
    assert_eq!(decide(&bot, &Target::Workspace, Action::ManageOwnAccount), Err(Refusal::SessionNeeded));
    assert_eq!(decide(&bot, &Target::Workspace, Action::ManageBots), Err(Refusal::ScopeMissing));
    let admin = Person { role: Role::Admin, scopes: Some(Scopes::of_words(["admin"]).unwrap()), ..bot };
    assert_eq!(decide(&admin, &Target::Workspace, Action::ManageBots), Ok(()));
    assert_eq!(decide(&admin, &Target::Workspace, Action::MakeBotToken), Err(Refusal::SessionNeeded));
    for (role, outcome) in [(Role::Admin, Ok(())), (Role::Member, Err(Refusal::NotAnAdmin))] {
        assert_eq!(decide(&person(role), &Target::Workspace, Action::MakeBotToken), outcome);
    }
    let with_all = Person { scopes: Some(Scope::ALL.into_iter().collect()), ..person(Role::Member) };
    assert_eq!(decide(&with_all, &Target::Workspace, Action::ManageBots), Err(Refusal::NotAnAdmin));
}

#[test]
fn a_revoked_session_or_deactivated_person_may_nothing() {
    let inside = channel(Visibility::Public, Some(ChannelRole::Admin));
    let gone = Person { live: false, ..person(Role::Owner) };
    assert_eq!(decide(&gone, &Target::Workspace, Action::UseWorkspace), Err(Refusal::SessionRevoked));
    let off = Person { active: false, ..person(Role::Owner) };
    assert_eq!(ask(&off, inside, Action::PostMessage), Err(Refusal::Deactivated));
}
