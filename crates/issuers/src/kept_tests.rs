use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

const AWAY: Unavailable = Unavailable::Asked(FetchError::Unreachable);

fn empty() -> State<u8> {
    State { value: None, failure: None, asked: None, flight: None }
}

fn holding(value: u8, now: Instant) -> State<u8> {
    let mut state = empty();
    state.land(Ok(Loaded { value, max_age: Some(minutes(10)) }), now);
    state
}

fn flying(state: &mut State<u8>) -> watch::Sender<()> {
    let (sender, flight) = watch::channel(());
    state.flight = Some(flight);
    sender
}

fn name(plan: &Plan<u8>) -> &'static str {
    match plan {
        Plan::Use(_) => "use",
        Plan::UseAndLoad(_) => "use and load",
        Plan::Load | Plan::LoadNews => "load",
        Plan::Wait => "wait",
        Plan::Refuse(_) => "refuse",
        Plan::TooSoon => "too soon",
    }
}

#[test]
fn what_is_fresh_is_used_and_what_is_past_its_time_is_loaded_by_one() {
    let start = Instant::now();
    let mut state = holding(1, start);
    let at = |state: &State<u8>, after: Duration| name(&state.plan(start + after));
    assert_eq!(at(&state, minutes(10) - Duration::from_secs(1)), "use");
    assert_eq!(at(&state, minutes(10)), "use and load");
    assert_eq!(at(&state, minutes(11)), "load", "after a quiet time the first waits for news");
    let flight = flying(&mut state);
    assert_eq!(at(&state, minutes(10)), "use");
    assert_eq!(at(&state, minutes(11)), "wait");
    drop(flight);
}

#[test]
fn while_the_issuer_is_away_what_there_was_is_used_for_a_day() {
    let start = Instant::now();
    let mut state = holding(1, start);
    let late = start + minutes(60);
    state.land(Err(AWAY), late);
    assert_eq!(name(&state.plan(late)), "use");
    assert_eq!(name(&state.plan(late + Duration::from_secs(5))), "use and load", "and nobody waits for it");
    let over = start + minutes(10) + hours(24);
    assert_eq!(name(&state.plan(over - Duration::from_secs(1))), "use and load");
    state.land(Err(AWAY), over);
    assert_eq!(name(&state.plan(over)), "refuse");
}

#[test]
fn after_each_failure_it_is_left_alone_for_longer() {
    let mut now = Instant::now();
    let mut state = empty();
    assert_eq!(name(&state.plan(now)), "load");
    for seconds in [5, 10, 20, 40, 80, 160, 300, 300] {
        state.land(Err(AWAY), now);
        let again = now + Duration::from_secs(seconds);
        assert_eq!(name(&state.plan(again - Duration::from_millis(1))), "refuse", "{seconds}");
        assert_eq!(name(&state.plan(again)), "load", "{seconds}");
        now = again;
    }
    state.land(Ok(Loaded { value: 1, max_age: None }), now);
    assert_eq!(name(&state.plan(now)), "use");
    state.land(Err(AWAY), now + hours(1));
    assert_eq!(name(&state.plan(now + hours(1) + Duration::from_secs(5))), "use and load", "back at the first pause");
}

#[test]
fn the_issuers_word_about_how_long_is_bounded() {
    let start = Instant::now();
    for (max_age, kept) in [
        (Some(Duration::ZERO), minutes(5)),
        (Some(minutes(4)), minutes(5)),
        (Some(minutes(6)), minutes(6)),
        (Some(Duration::from_secs(u64::MAX)), hours(24)),
        (None, hours(1)),
    ] {
        let mut state = empty();
        state.land(Ok(Loaded { value: 1, max_age }), start);
        assert_eq!(name(&state.plan(start + kept - Duration::from_secs(1))), "use", "{max_age:?}");
        assert_eq!(name(&state.plan(start + kept)), "use and load", "{max_age:?}");
    }
}

#[test]
fn news_are_asked_for_once_a_minute() {
    let start = Instant::now();
    let mut state = holding(1, start);
    let Plan::Use(seen) = state.plan(start) else { panic!("it is fresh") };
    assert_eq!(name(&state.plan_news(&seen, start)), "load");
    state.asked = Some(start);
    let flight = flying(&mut state);
    assert_eq!(name(&state.plan_news(&seen, start)), "wait");
    drop(flight);
    state.land(Ok(Loaded { value: 2, max_age: None }), start);
    let Plan::Use(next) = state.plan_news(&seen, start) else { panic!("there are news") };
    assert_eq!(*next, 2);
    assert_eq!(name(&state.plan_news(&next, start + Duration::from_secs(59))), "too soon");
    assert_eq!(name(&state.plan_news(&next, start + Duration::from_secs(60))), "load");
    // One who fails is left alone for as long as any other.
    state.asked = Some(start + minutes(2));
    state.land(Err(AWAY), start + minutes(2));
    assert_eq!(name(&state.plan_news(&next, start + minutes(2))), "refuse");
    assert_eq!(name(&state.plan_news(&next, start + minutes(2) + Duration::from_secs(59))), "refuse");
    assert_eq!(name(&state.plan_news(&next, start + minutes(3))), "load");
}

#[tokio::test]
async fn nobody_waits_for_one_failure_after_another() {
    // Its pauses are over before anybody looks.
    let (start, leaps) = (Instant::now(), AtomicU32::new(0));
    let clock: Clock = Arc::new(move || start + hours(1) * leaps.fetch_add(1, Ordering::SeqCst));
    let kept = Kept::<u8>::new(clock, CancellationToken::new());
    let loads = AtomicU32::new(0);
    let away = || {
        loads.fetch_add(1, Ordering::SeqCst);
        async { Err(AWAY) }
    };
    assert_eq!(kept.get(away).await, Err(AWAY));
    assert_eq!(kept.news(&Arc::new(7), away).await, Err(AWAY));
    assert_eq!(loads.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_load_that_panics_or_is_ended_keeps_nobody_waiting() {
    let clock: Clock = Arc::new(Instant::now);
    let kept = Kept::<u8>::new(Arc::clone(&clock), CancellationToken::new());
    let gone = kept.get(|| async { panic!("on purpose") }).await;
    assert_eq!(gone, Err(Unavailable::Abandoned));
    let ending = CancellationToken::new();
    let kept = Kept::<u8>::new(clock, ending.clone());
    ending.cancel();
    assert_eq!(kept.get(std::future::pending).await, Err(Unavailable::Abandoned));
}
