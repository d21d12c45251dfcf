// A program in C that calls Rust, and is called back: it waits, cancels and frees in any order, on several threads, and from
// within the call.

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct export *export;
typedef void (*done_fn)(int32_t status, void *value, void *user);

// What Rust offers.
struct exports {
    export (*start)(void *job, done_fn done, void *user);
    // Runs what Rust has to run on this thread.
    void (*drive)(void *job);
    bool (*cancel)(export);
    void (*free)(export);
    void (*give_back)(double *);
};

struct outcome {
    int32_t calls, status, cancelled;
    bool has_value, is_early;
    double value;
};

struct call {
    const struct exports *exports;
    pthread_mutex_t lock;
    pthread_cond_t change;
    export export;
    bool is_started, is_reentrant;
    double *kept;
    struct outcome outcome;
};

// The user data: freed by the call, so that a sanitizer sees if there are two, or none.
struct user {
    struct call *call;
};

static struct call *call_new(const struct exports *exports)
{
    struct call *call = calloc(1, sizeof *call);
    call->exports = exports;
    pthread_mutex_init(&call->lock, NULL);
    pthread_cond_init(&call->change, NULL);
    return call;
}

static struct call *begin(int32_t status, void *user)
{
    struct call *call = ((struct user *)user)->call;
    free(user);
    pthread_mutex_lock(&call->lock);
    // The handle may be told to C later than the end.
    while (call->is_reentrant && !call->is_started)
        pthread_cond_wait(&call->change, &call->lock);
    if (call->is_reentrant) {
        call->outcome.cancelled += call->exports->cancel(call->export);
        call->exports->free(call->export);
        call->outcome.cancelled += call->exports->cancel(call->export);
    }
    call->outcome.status = status;
    return call;
}

static void end(struct call *call)
{
    call->outcome.calls++;
    pthread_cond_broadcast(&call->change);
    pthread_mutex_unlock(&call->lock);
}

static void done(int32_t status, void *value, void *user)
{
    struct call *call = begin(status, user);
    if (value) {
        call->outcome.has_value = true;
        call->outcome.value = *(double *)value;
        // It is C's for now.
        *(double *)value = -1;
    }
    end(call);
}

// Takes the value, a `double **`, for longer than the call.
static void done_keeping(int32_t status, void *value, void *user)
{
    struct call *call = begin(status, user);
    if (value) {
        double **kept = value;
        call->outcome.has_value = true;
        call->kept = *kept;
        *kept = NULL;
    }
    end(call);
}

static void start(struct call *call, void *job, done_fn done)
{
    struct user *user = malloc(sizeof *user);
    user->call = call;
    export export = call->exports->start(job, done, user);
    pthread_mutex_lock(&call->lock);
    call->export = export;
    call->is_started = true;
    pthread_cond_broadcast(&call->change);
    pthread_mutex_unlock(&call->lock);
}

static void wait(struct call *call)
{
    pthread_mutex_lock(&call->lock);
    while (call->outcome.calls == 0)
        pthread_cond_wait(&call->change, &call->lock);
    pthread_mutex_unlock(&call->lock);
}

static struct outcome finish(struct call *call)
{
    wait(call);
    pthread_mutex_lock(&call->lock);
    struct outcome outcome = call->outcome;
    pthread_mutex_unlock(&call->lock);
    pthread_cond_destroy(&call->change);
    pthread_mutex_destroy(&call->lock);
    free(call);
    return outcome;
}

static void cancel(struct call *call)
{
    // Not under the lock: the function that is called takes it. It is not called from in here, and could be.
    bool is_cancelled = call->exports->cancel(call->export);
    pthread_mutex_lock(&call->lock);
    call->outcome.cancelled += is_cancelled;
    pthread_mutex_unlock(&call->lock);
}

// Starts a future, does what the script says, and waits for the call: 'c'ancel, 'f'ree, 'w'ait, 'd'rive, 's'pin a little, 'n':
// nothing was called yet.
struct outcome exports_script(const struct exports *exports, void *job, const char *script)
{
    struct call *call = call_new(exports);
    start(call, job, done);
    for (; *script; script++)
        switch (*script) {
        case 'c':
            cancel(call);
            break;
        case 'f':
            exports->free(call->export);
            break;
        case 'w':
            wait(call);
            break;
        case 'd':
            exports->drive(job);
            break;
        case 's':
            for (volatile int spins = 0; spins < 200; spins++)
                ;
            break;
        case 'n':
            pthread_mutex_lock(&call->lock);
            call->outcome.is_early |= call->outcome.calls > 0;
            pthread_mutex_unlock(&call->lock);
            break;
        default:
            abort();
        }
    return finish(call);
}

// Cancels and frees from within the call.
struct outcome exports_reentrant(const struct exports *exports, void *job)
{
    struct call *call = call_new(exports);
    call->is_reentrant = true;
    start(call, job, done);
    return finish(call);
}

// Keeps the value, and gives it back when all is over.
struct outcome exports_keeping(const struct exports *exports, void *job)
{
    struct call *call = call_new(exports);
    start(call, job, done_keeping);
    wait(call);
    double *kept = call->kept;
    struct outcome outcome = finish(call);
    if (kept) {
        outcome.value = *kept;
        exports->give_back(kept);
    }
    return outcome;
}

static void *contend(void *of)
{
    struct call *call = of;
    cancel(call);
    call->exports->free(call->export);
    cancel(call);
    return NULL;
}

// Cancels and frees on four threads at once.
struct outcome exports_contended(const struct exports *exports, void *job)
{
    struct call *call = call_new(exports);
    start(call, job, done);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, contend, call))
            abort();
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    return finish(call);
}
