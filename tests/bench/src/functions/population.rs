//! Who is in the workspace, and where: 5,000 people with names that share beginnings, in a thousand channels.

use anyhow::Context;
use domain::Name;
use uuid::Uuid;

use crate::house::WORKSPACE;

/// First names: as many people share one as there are last names.
const FIRST: [&str; 50] = [
    "Ada", "Agnes", "Alan", "Amara", "Amir", "Anna", "Bela", "Boris", "Carla", "Chidi", "Clara", "Dana", "David",
    "Elena", "Emil", "Farid", "Felix", "Grace", "Greta", "Hana", "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Kai",
    "Karin", "Lars", "Leila", "Luis", "Malik", "Mara", "Mina", "Nadia", "Nils", "Olga", "Omar", "Paula", "Petra",
    "Quentin", "Rana", "Ravi", "Rosa", "Samir", "Sofia", "Tariq", "Ulla", "Vera", "Wanda", "Yusuf",
];
/// Last names are made of a beginning and an end.
const BEGINNINGS: [&str; 10] = ["Al", "Ber", "Cor", "Dom", "Fal", "Gar", "Hol", "Kes", "Mor", "Tan"];
const ENDS: [&str; 10] = ["berg", "dahl", "ford", "holm", "ley", "man", "nik", "ova", "son", "well"];
/// What channels are about, and of what.
const ABOUT: [&str; 40] = [
    "alerts", "api", "archive", "billing", "board", "books", "build", "data", "design", "docs", "events", "food",
    "games", "garden", "hiring", "ideas", "infra", "intro", "legal", "logs", "market", "music", "news", "office",
    "ops", "plans", "press", "quality", "random", "release", "research", "sales", "search", "security", "social",
    "support", "team", "test", "travel", "web",
];
const OF: [&str; 25] = [
    "amber", "basel", "cairo", "delhi", "essen", "fargo", "genoa", "hanoi", "izmir", "jena", "kyoto", "lagos", "milan",
    "nice", "oslo", "paris", "quito", "riga", "seoul", "tunis", "utah", "vienna", "wuhan", "york", "zagreb",
];

pub const PEOPLE: usize = FIRST.len() * BEGINNINGS.len() * ENDS.len();
pub const CHANNELS: usize = ABOUT.len() * OF.len();
pub const TEAMS: usize = 50;
/// Channels that everybody is in, besides the first, in which all but the guest are.
pub const CHANNELS_OF_ONE: usize = 20;
const MEMBERS_OF_TEAM: usize = 100;
/// Each tenth channel is private.
const PRIVATE: usize = 10;

/// Something with a name.
#[derive(Clone, Debug)]
pub struct Named {
    pub id: Uuid,
    pub name: Name,
}

/// Who and what there is. The first person is the owner, the last a guest.
#[derive(Clone, Debug)]
pub struct Population {
    pub people: Vec<Named>,
    /// The first has everybody in it but the guest.
    pub channels: Vec<Named>,
    pub teams: Vec<Named>,
}

impl Population {
    /// `first` is there already.
    pub fn new(first: Uuid) -> anyhow::Result<Self> {
        let named = |id, name: String| Ok(Named { id, name: name.parse().context("a name that may not be")? });
        let person = |number: usize| {
            // Neighbours by number are not neighbours by name.
            let (first_name, rest) = (FIRST[number % FIRST.len()], number / FIRST.len());
            let (beginning, end) = (BEGINNINGS[rest % BEGINNINGS.len()], ENDS[rest / BEGINNINGS.len() % ENDS.len()]);
            named(if number == 0 { first } else { Uuid::now_v7() }, format!("{first_name} {beginning}{end}"))
        };
        let channel = |number: usize| {
            let (about, of) = (ABOUT[number % ABOUT.len()], OF[number / ABOUT.len() % OF.len()]);
            named(Uuid::now_v7(), format!("{about}-{of}"))
        };
        let team = |number: usize| named(Uuid::now_v7(), format!("{} {number}", ABOUT[number % ABOUT.len()]));
        Ok(Self {
            people: (0..PEOPLE).map(person).collect::<anyhow::Result<_>>()?,
            channels: (0..CHANNELS).map(channel).collect::<anyhow::Result<_>>()?,
            teams: (0..TEAMS).map(team).collect::<anyhow::Result<_>>()?,
        })
    }

    pub fn is_private(channel: usize) -> bool {
        channel % PRIVATE == PRIVATE - 1
    }

    /// The number of the channel that a person is in as their `turn`-th.
    pub fn channel_of(person: usize, turn: usize) -> usize {
        // Without the first; the steps share no divisor with how many there are.
        1 + (person * 7 + turn % CHANNELS_OF_ONE * 53) % (CHANNELS - 1)
    }

    /// (channel, person), by number.
    pub fn members() -> impl Iterator<Item = (usize, usize)> {
        let of_first = (0..PEOPLE - 1).map(|person| (0, person));
        of_first.chain(
            (0..PEOPLE)
                .flat_map(|person| (0..CHANNELS_OF_ONE).map(move |turn| (Self::channel_of(person, turn), person))),
        )
    }

    /// (team, person), by number.
    pub fn members_of_teams() -> impl Iterator<Item = (usize, usize)> {
        (0..TEAMS).flat_map(|team| (0..MEMBERS_OF_TEAM).map(move |turn| (team, (team * 97 + turn * 31) % PEOPLE)))
    }

    /// The address of somebody.
    pub fn email(person: usize) -> String {
        format!("person-{person}@{WORKSPACE}.example")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_as_many_as_said_and_no_name_or_membership_twice() {
        let population = Population::new(Uuid::now_v7()).unwrap();
        assert_eq!((PEOPLE, CHANNELS), (5_000, 1_000));
        for (names, count) in
            [(&population.people, PEOPLE), (&population.channels, CHANNELS), (&population.teams, TEAMS)]
        {
            let keys: HashSet<String> = names.iter().map(|one| one.name.key()).collect();
            assert_eq!(keys.len(), count);
        }
        let members: Vec<_> = Population::members().collect();
        assert_eq!(members.len(), PEOPLE - 1 + PEOPLE * CHANNELS_OF_ONE);
        assert_eq!(members.iter().collect::<HashSet<_>>().len(), members.len());
        let of_teams: Vec<_> = Population::members_of_teams().collect();
        assert_eq!(of_teams.iter().collect::<HashSet<_>>().len(), TEAMS * MEMBERS_OF_TEAM);
    }
}
