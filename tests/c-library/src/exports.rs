//! What Rust exports to the program in C.

use std::cell::RefCell;
use std::ffi::{CString, c_char, c_void};

use conjoin_adapters::ffi::{self, Export, ExportFunction, ExportStatus, ExportTask};

type Done = ExportFunction<c_void>;

/// Exports a future, with the function and the user data of C's.
type Start<'a> = Box<dyn FnOnce(Done, *mut c_void) -> Export + 'a>;

#[repr(C)]
struct RawExports {
    start: unsafe extern "C" fn(*mut c_void, Done, *mut c_void) -> Export,
    drive: unsafe extern "C" fn(*mut c_void),
    cancel: extern "C" fn(Export) -> bool,
    free: extern "C" fn(Export),
    give_back: unsafe extern "C" fn(*mut f64),
}

/// What C saw.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct RawOutcome {
    calls: i32,
    status: ExportStatus,
    cancelled: i32,
    has_value: bool,
    is_early: bool,
    value: f64,
}

unsafe extern "C" {
    fn exports_script(
        exports: *const RawExports,
        job: *mut c_void,
        script: *const c_char,
    ) -> RawOutcome;
    fn exports_reentrant(exports: *const RawExports, job: *mut c_void) -> RawOutcome;
    fn exports_keeping(exports: *const RawExports, job: *mut c_void) -> RawOutcome;
    fn exports_contended(exports: *const RawExports, job: *mut c_void) -> RawOutcome;
}

/// What C saw of a future.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// How the future has ended.
    pub status: ExportStatus,
    /// What C read of the value.
    pub value: Option<f64>,
    /// How often C was told that it has cancelled.
    pub cancelled: i32,
}

impl Outcome {
    fn of(raw: RawOutcome) -> Self {
        assert_eq!(raw.calls, 1, "C is called once");
        assert!(!raw.is_early, "C is called too early");
        Outcome {
            status: raw.status,
            value: raw.has_value.then_some(raw.value),
            cancelled: raw.cancelled,
        }
    }
}

/// A future that C will start.
struct Job<'a> {
    start: RefCell<Option<Start<'a>>>,
    drive: RefCell<&'a mut dyn FnMut()>,
}

static EXPORTS: RawExports = {
    /// # Safety
    ///
    /// The job is one, and the function is one of C's for its future.
    unsafe extern "C" fn start(job: *mut c_void, done: Done, user: *mut c_void) -> Export {
        // SAFETY: The caller grants it.
        let job = unsafe { &*job.cast::<Job<'_>>() };
        let start = job.start.take().expect("C starts it once");
        start(done, user)
    }

    /// # Safety
    ///
    /// The job is one.
    unsafe extern "C" fn drive(job: *mut c_void) {
        // SAFETY: The caller grants it.
        let job = unsafe { &*job.cast::<Job<'_>>() };
        (job.drive.borrow_mut())();
    }

    extern "C" fn cancel(export: Export) -> bool {
        export.cancel()
    }

    extern "C" fn free(export: Export) {
        export.free();
    }

    /// # Safety
    ///
    /// It is a value that C has kept.
    unsafe extern "C" fn give_back(value: *mut f64) {
        // SAFETY: It was a box, and C has taken it.
        drop(unsafe { Box::from_raw(value) });
    }

    RawExports {
        start,
        drive,
        cancel,
        free,
        give_back,
    }
};

/// The function of C's for this type of value.
///
/// # Safety
///
/// It is what C reads and writes at the pointer.
unsafe fn typed<T>(done: Done) -> ExportFunction<T> {
    // SAFETY: The two differ in what a pointer points to, which the caller knows.
    unsafe { std::mem::transmute::<Done, ExportFunction<T>>(done) }
}

/// Has C start a future on the current runtime, and do what the script says.
///
/// # Panics
///
/// If C is called back twice, or too early.
pub fn script<F>(future: F, script: &str) -> Outcome
where
    F: Future<Output = f64> + Send + 'static,
{
    // SAFETY: The script is one for numbers.
    let start = |done, user| unsafe { ffi::export(future, typed(done), user) };
    run_script(Box::new(start), &mut || (), script)
}

/// As [`script`], with an executor: what spawns and what drives.
///
/// # Panics
///
/// As `script`.
pub fn script_on<F>(
    spawn: impl FnOnce(ExportTask),
    mut drive: impl FnMut(),
    future: F,
    script: &str,
) -> Outcome
where
    F: Future<Output = f64> + Send + 'static,
{
    // SAFETY: The script is one for numbers.
    let start = |done, user| unsafe { ffi::export_on(spawn, future, typed(done), user) };
    run_script(Box::new(start), &mut drive, script)
}

fn run_script<'a>(start: Start<'a>, drive: &'a mut dyn FnMut(), script: &str) -> Outcome {
    let script = CString::new(script).expect("a script of letters");
    let run = |job| {
        // SAFETY: The job is one, and its future is of a number.
        unsafe { exports_script(&raw const EXPORTS, job, script.as_ptr()) }
    };
    with_job(start, drive, run)
}

fn with_job<'a>(
    start: Start<'a>,
    drive: &'a mut dyn FnMut(),
    run: impl FnOnce(*mut c_void) -> RawOutcome,
) -> Outcome {
    let job = Job {
        start: RefCell::new(Some(start)),
        drive: RefCell::new(drive),
    };
    Outcome::of(run((&raw const job).cast_mut().cast()))
}

/// Has C cancel and free the future from within its call.
///
/// # Panics
///
/// If C is called back twice.
pub fn reentrant<F>(future: F) -> Outcome
where
    F: Future<Output = f64> + Send + 'static,
{
    // SAFETY: C reads and writes a number.
    let start = |done, user| unsafe { ffi::export(future, typed(done), user) };
    let run = |job| {
        // SAFETY: The job is one, and its future is of a number.
        unsafe { exports_reentrant(&raw const EXPORTS, job) }
    };
    with_job(Box::new(start), &mut || (), run)
}

/// Has C keep the value until all is over.
///
/// # Panics
///
/// If C is called back twice.
pub fn keeping<F>(future: F) -> Outcome
where
    F: Future<Output = Option<Box<f64>>> + Send + 'static,
{
    // SAFETY: C reads and writes a pointer to a number, or null.
    let start = |done, user| unsafe { ffi::export(future, typed(done), user) };
    let run = |job| {
        // SAFETY: The job is one, and its future is of such a pointer.
        unsafe { exports_keeping(&raw const EXPORTS, job) }
    };
    with_job(Box::new(start), &mut || (), run)
}

/// Has C cancel and free the future on four threads at once.
///
/// # Panics
///
/// If C is called back twice.
pub fn contended<F>(future: F) -> Outcome
where
    F: Future<Output = f64> + Send + 'static,
{
    // SAFETY: C reads and writes a number.
    let start = |done, user| unsafe { ffi::export(future, typed(done), user) };
    let run = |job| {
        // SAFETY: The job is one, and its future is of a number.
        unsafe { exports_contended(&raw const EXPORTS, job) }
    };
    with_job(Box::new(start), &mut || (), run)
}
