//! The arithmetic of Postgres' connections: what every process of a fleet may open at most, so that a server is never asked
//! for more than it has.

/// What one process may open at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// To workspaces' databases.
    pub workspaces: u32,
    /// To the control database.
    pub control: u32,
}

impl Budget {
    /// To both.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.workspaces.saturating_add(self.control)
    }
}

/// One kind of process of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The most replicas that its autoscaler may make.
    pub replicas: u32,
    /// Replicas that run beside these during a rolling update.
    pub surge: u32,
    /// What each may open.
    pub budget: Budget,
}

/// The connections that a whole fleet may open at once, and what a server has left for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arithmetic {
    /// By all deployments together, in the worst moment.
    pub needed: u32,
    /// `max_connections` less what is kept for administrators and for the operator.
    pub available: u32,
}

impl Arithmetic {
    /// Whether the server can never be asked for more than it has.
    #[must_use]
    pub const fn fits(self) -> bool {
        self.needed <= self.available
    }
}

/// What a fleet needs of a server with `max_connections`, of which `reserved` are for administrators
/// (`superuser_reserved_connections`) and `operator` for the operator.
#[must_use]
pub fn arithmetic(fleet: &[Deployment], max_connections: u32, reserved: u32, operator: u32) -> Arithmetic {
    let of = |one: &Deployment| one.replicas.saturating_add(one.surge).saturating_mul(one.budget.total());
    Arithmetic {
        needed: fleet.iter().map(of).fold(0, u32::saturating_add),
        available: max_connections.saturating_sub(reserved).saturating_sub(operator),
    }
}

/// The most that each process may open to workspaces' databases so that a fleet of such processes fits; nothing if not even
/// one connection each does.
#[must_use]
pub fn share(processes: u32, control: u32, available: u32) -> Option<u32> {
    let each = available.checked_div(processes)?;
    each.checked_sub(control).filter(|share| *share > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTH: Deployment = Deployment { replicas: 2, surge: 1, budget: Budget { workspaces: 20, control: 4 } };
    const EDGE: Deployment = Deployment { replicas: 3, surge: 0, budget: Budget { workspaces: 10, control: 4 } };

    #[test]
    fn a_fleet_needs_what_all_its_processes_may_open_while_they_are_replaced() {
        let sum = arithmetic(&[AUTH, EDGE], 200, 3, 10);
        assert_eq!(sum, Arithmetic { needed: 3 * 24 + 3 * 14, available: 187 });
        assert!(sum.fits());
        assert!(!arithmetic(&[AUTH, EDGE], 100, 3, 10).fits());
        assert!(arithmetic(&[], 10, 3, 10).fits());
    }

    #[test]
    fn what_is_shared_out_fits() {
        for processes in 1..50 {
            for available in 0..400 {
                let Some(share) = share(processes, 4, available) else {
                    assert!(available < processes * 5, "{processes} {available}");
                    continue;
                };
                let one =
                    Deployment { replicas: processes, surge: 0, budget: Budget { workspaces: share, control: 4 } };
                assert!(arithmetic(&[one], available, 0, 0).fits());
            }
        }
        assert_eq!(share(0, 4, 100), None);
    }

    #[test]
    fn absurd_numbers_are_too_many_and_not_few() {
        let absurd = Deployment { replicas: u32::MAX, ..AUTH };
        assert!(!arithmetic(&[absurd, EDGE], 100, 3, 10).fits());
        assert!(!arithmetic(&[EDGE], 5, 10, 10).fits());
    }
}
