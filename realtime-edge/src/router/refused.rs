//! What a room passes over, and where it stops.

use super::*;

const PARTITIONS: u32 = 2;

fn router() -> Router {
    Router::new(Cursor::start(3, PARTITIONS), [], Recent::new(10))
}

fn record(offset: i64, value: &[u8]) -> Record {
    Record { partition: 0, offset, time: chrono::DateTime::default(), value: value.to_vec() }
}

#[test]
fn a_malformed_record_is_passed_over_and_an_unknown_kind_stops() {
    let mut router = router();
    for (offset, value) in (0..).zip([&b""[..], b"{", b"[]", br#"{"event":"USER_CHANGED","data":{}}"#, b"\xff"]) {
        assert!(matches!(router.route(&record(offset, value)), Ok(Routed::Malformed(_))));
    }
    assert_eq!(router.cursor().next[0], 5);
    let stop = router.route(&record(5, br#"{"event":"FROM_THE_FUTURE","data":{}}"#));
    assert!(matches!(stop, Err(Stop::UnknownKind { .. })));
    assert_eq!(router.cursor().next[0], 5);
}

#[test]
fn a_gap_and_a_foreign_partition_stop() {
    let mut router = router();
    assert!(matches!(router.route(&record(1, b"{}")), Err(Stop::Gap { .. })));
    let foreign = Record { partition: PARTITIONS, ..record(0, b"{}") };
    assert!(matches!(router.route(&foreign), Err(Stop::Partition(PARTITIONS))));
}
