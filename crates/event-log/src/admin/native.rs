//! What every request to the C library needs: objects that free themselves, a wait that ends, errors as values.

use std::{
    ffi::{CStr, CString, c_char, c_int},
    ptr::NonNull,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rdkafka::{
    bindings::{self as sys, rd_kafka_admin_op_t, rd_kafka_resp_err_t},
    types::{RDKafka, RDKafkaErrorCode},
};

/// The client of a connection that outlives the call.
pub(super) type Kafka = *mut RDKafka;

/// Milliseconds between two looks at whether anybody still waits.
const LOOK: c_int = 100;
/// Room for the C library's words.
const WORDS: usize = 512;

/// An object of the C library, freed when it is dropped.
pub(super) struct Owned<T> {
    object: NonNull<T>,
    free: unsafe extern "C" fn(*mut T),
}

impl<T> Owned<T> {
    /// Takes an object over, if there is one.
    ///
    /// # Safety
    /// `object` is null, or nobody else frees it and `free` is what frees it.
    pub(super) unsafe fn new(object: *mut T, free: unsafe extern "C" fn(*mut T)) -> Option<Self> {
        Some(Self { object: NonNull::new(object)?, free })
    }

    pub(super) fn get(&self) -> *mut T {
        self.object.as_ptr()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the promise of `new`; this runs once.
        unsafe { (self.free)(self.object.as_ptr()) }
    }
}

/// Several objects, as the C library takes them: an array of pointers that it does not keep.
pub(super) struct Batch<T> {
    _owned: Vec<Owned<T>>,
    pointers: Vec<*mut T>,
}

impl<T> FromIterator<Owned<T>> for Batch<T> {
    fn from_iter<I: IntoIterator<Item = Owned<T>>>(owned: I) -> Self {
        let owned: Vec<Owned<T>> = owned.into_iter().collect();
        let pointers = owned.iter().map(Owned::get).collect();
        Self { _owned: owned, pointers }
    }
}

impl<T> Batch<T> {
    pub(super) fn pointers(&mut self) -> *mut *mut T {
        self.pointers.as_mut_ptr()
    }

    pub(super) fn len(&self) -> usize {
        self.pointers.len()
    }
}

/// Why a request failed.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// The code.
    pub code: RDKafkaErrorCode,
    /// The words; may be empty.
    pub reason: String,
}

impl Fault {
    fn of(code: rd_kafka_resp_err_t, reason: String) -> Self {
        Self { code: code.into(), reason }
    }

    /// An argument that the C library does not take.
    pub(super) fn invalid(reason: impl Into<String>) -> Self {
        Self::of(rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__INVALID_ARG, reason.into())
    }

    /// The C library gave no object.
    pub(super) fn out_of_memory() -> Self {
        Self::of(rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, String::new())
    }
}

/// How long somebody waits for an answer.
pub(crate) struct Patience {
    limit: Duration,
    over: Arc<AtomicBool>,
}

/// Ends the wait when it is dropped.
pub(super) struct EndsWait(Arc<AtomicBool>);

impl Drop for EndsWait {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, over: Arc::default() }
    }

    /// The same wait with a limit of its own.
    pub(crate) fn within(&self, limit: Duration) -> Self {
        Self { limit: limit.min(self.limit), over: self.over.clone() }
    }

    /// A wait that also ends with the guard.
    pub(super) fn ended_by_guard(limit: Duration) -> (Self, EndsWait) {
        let patience = Self::new(limit);
        let guard = EndsWait(patience.over.clone());
        (patience, guard)
    }
}

/// Sends one request, and waits for its answer.
///
/// # Safety
/// `kafka` is a live client. `send` hands the options and the queue to one request of the kind `operation`, and keeps
/// neither.
pub(super) unsafe fn ask(
    kafka: Kafka,
    operation: rd_kafka_admin_op_t,
    patience: &Patience,
    send: impl FnOnce(*const sys::rd_kafka_AdminOptions_t, *mut sys::rd_kafka_queue_t),
) -> Result<Owned<sys::rd_kafka_event_t>, Fault> {
    let milliseconds = c_int::try_from(patience.limit.as_millis()).unwrap_or(c_int::MAX);
    // SAFETY: `kafka` is live. Options and queue are ours until their guards drop, after the answer has come or the wait
    // has ended; a later answer finds its queue gone, which the library allows for.
    unsafe {
        let options = sys::rd_kafka_AdminOptions_new(kafka, operation);
        let options = Owned::new(options, sys::rd_kafka_AdminOptions_destroy).ok_or_else(Fault::out_of_memory)?;
        let mut words: [c_char; WORDS] = [0; WORDS];
        let set = sys::rd_kafka_AdminOptions_set_request_timeout(
            options.get(),
            milliseconds,
            words.as_mut_ptr(),
            words.len(),
        );
        if set != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Err(Fault::of(set, text(words.as_ptr())));
        }
        let queue =
            Owned::new(sys::rd_kafka_queue_new(kafka), sys::rd_kafka_queue_destroy).ok_or_else(Fault::out_of_memory)?;
        send(options.get(), queue.get());
        // The library itself ends the request at its limit; a second more, so that its own words are heard.
        let deadline = Instant::now() + patience.limit + Duration::from_secs(1);
        loop {
            let event = sys::rd_kafka_queue_poll(queue.get(), LOOK);
            if let Some(event) = Owned::new(event, sys::rd_kafka_event_destroy) {
                let failed = sys::rd_kafka_event_error(event.get());
                if failed != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                    return Err(Fault::of(failed, text(sys::rd_kafka_event_error_string(event.get()))));
                }
                return Ok(event);
            }
            if patience.over.load(Ordering::Relaxed) || Instant::now() >= deadline {
                return Err(Fault::of(rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__TIMED_OUT, String::new()));
            }
        }
    }
}

/// The answer that an event holds, which is null where it holds one of another kind.
pub(super) fn answer<T>(result: *const T) -> Result<*const T, Fault> {
    if result.is_null() { Err(Fault::invalid("the answer is of another kind")) } else { Ok(result) }
}

/// The members of an array in an answer.
///
/// # Safety
/// `array` is null or has `count` members, which live as long as the answer does that `_event` keeps.
pub(super) unsafe fn members<T>(
    array: *mut *const T,
    count: usize,
    _event: &Owned<sys::rd_kafka_event_t>,
) -> impl Iterator<Item = *const T> {
    let count = if array.is_null() { 0 } else { count };
    // SAFETY: the caller's promise.
    (0..count).map(move |index| unsafe { *array.add(index) })
}

/// An error object of the C library, if it says that there is one.
///
/// # Safety
/// `error` is null or live.
pub(super) unsafe fn fault(error: *const sys::rd_kafka_error_t) -> Option<Fault> {
    // SAFETY: the caller's promise; the library takes null for "no error".
    unsafe {
        let code = sys::rd_kafka_error_code(error);
        (code != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR)
            .then(|| Fault::of(code, text(sys::rd_kafka_error_string(error))))
    }
}

/// A text of the C library, copied; empty for null.
///
/// # Safety
/// `words` is null, or ends with a zero and is live.
pub(super) unsafe fn text(words: *const c_char) -> String {
    if words.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(words) }.to_string_lossy().into_owned()
}

/// A text for the C library.
pub(super) fn c_text(words: &str) -> Result<CString, Fault> {
    CString::new(words).map_err(|_| Fault::invalid("it has a zero byte"))
}

/// What a cluster calls itself, asked anew: what the client remembers may be of a cluster that is gone.
///
/// # Safety
/// `kafka` is a live client.
pub(super) unsafe fn cluster_id(kafka: Kafka, patience: &Patience) -> Result<String, Fault> {
    // SAFETY: `kafka` is live; the id belongs to the answer, and is copied before it goes.
    unsafe {
        let event = ask(kafka, rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, patience, |options, queue| {
            sys::rd_kafka_DescribeCluster(kafka, options, queue);
        })?;
        let result = answer(sys::rd_kafka_event_DescribeCluster_result(event.get()))?;
        Ok(text(sys::rd_kafka_DescribeCluster_result_cluster_id(result)))
    }
}

/// What the client had to say since it was asked last: troubles with brokers, in order. Does not wait. A connection that
/// ends early is only logged, though it may be all that is ever heard of a broker that speaks another protocol.
///
/// # Safety
/// `kafka` is a live client whose main queue nobody else reads.
pub(super) unsafe fn troubles(kafka: Kafka) -> Vec<Fault> {
    let mut troubles = Vec::new();
    // SAFETY: `kafka` is live; this reference to its queue is ours, and so is each event; texts are copied before their
    // event goes.
    unsafe {
        let Some(queue) = Owned::new(sys::rd_kafka_queue_get_main(kafka), sys::rd_kafka_queue_destroy) else {
            return troubles;
        };
        while let Some(event) = Owned::new(sys::rd_kafka_queue_poll(queue.get(), 0), sys::rd_kafka_event_destroy) {
            match sys::rd_kafka_event_type(event.get()) {
                sys::RD_KAFKA_EVENT_ERROR => {
                    let code = sys::rd_kafka_event_error(event.get());
                    troubles.push(Fault::of(code, text(sys::rd_kafka_event_error_string(event.get()))));
                }
                sys::RD_KAFKA_EVENT_LOG => troubles.extend(failed_connection(event.get())),
                _ => {}
            }
        }
    }
    troubles
}

/// # Safety
/// `event` is a live line of the log.
unsafe fn failed_connection(event: *mut sys::rd_kafka_event_t) -> Option<Fault> {
    let (mut facility, mut line, mut level) = (std::ptr::null(), std::ptr::null(), 0);
    // SAFETY: the caller's promise; both texts belong to the event, and are copied.
    unsafe {
        let none = sys::rd_kafka_event_log(event, &raw mut facility, &raw mut line, &raw mut level) != 0;
        let failed = !none && text(facility) == "FAIL";
        let said = |line: String| line.split_once("]: ").map_or(line.clone(), |(_thread, said)| said.to_owned());
        failed.then(|| Fault::of(rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__TRANSPORT, said(text(line))))
    }
}
