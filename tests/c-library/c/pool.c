// A pool of threads that calls back in all the ways that C libraries do, good and bad ones.

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef void (*done_fn)(int status, double value, void *user);
typedef int (*each_fn)(void *user, int value);
typedef void (*destroy_fn)(void *user);
typedef void (*filled_fn)(ssize_t count, void *user);

struct stream {
    each_fn each;
    destroy_fn destroy;
    void *user;
    // Of all calls, the number of the one that destroys before it calls.
    int destroy_at;
    atomic_int begun;
    atomic_int left;
    atomic_int sum;
};

struct job {
    struct job *next;
    void (*run)(struct job *);
    done_fn done;
    filled_fn filled;
    void *user;
    int id;
    int calls;
    char *into;
    size_t length;
    struct stream *stream;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t change;
    struct job *first, **last;
    bool is_held, is_ended;
    size_t thread_count;
    pthread_t threads[];
};

static void *work(void *of)
{
    struct pool *pool = of;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->is_held || (!pool->first && !pool->is_ended))
            pthread_cond_wait(&pool->change, &pool->lock);
        struct job *job = pool->first;
        if (!job)
            break;
        pool->first = job->next;
        if (!pool->first)
            pool->last = &pool->first;
        pthread_mutex_unlock(&pool->lock);
        job->run(job);
        free(job);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct pool *pool_new(size_t thread_count)
{
    struct pool *pool = calloc(1, sizeof *pool + thread_count * sizeof(pthread_t));
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->change, NULL);
    pool->last = &pool->first;
    pool->thread_count = thread_count;
    for (size_t i = 0; i < thread_count; i++)
        if (pthread_create(&pool->threads[i], NULL, work, pool))
            abort();
    return pool;
}

// While it is held, no job begins.
void pool_hold(struct pool *pool, bool is_held)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_held = is_held;
    pthread_cond_broadcast(&pool->change);
    pthread_mutex_unlock(&pool->lock);
}

// Takes no more jobs, and ends when those that it has are done.
void pool_free(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_held = false;
    pool->is_ended = true;
    pthread_cond_broadcast(&pool->change);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->change);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static void push(struct pool *pool, struct job job)
{
    struct job *kept = malloc(sizeof *kept);
    *kept = job;
    pthread_mutex_lock(&pool->lock);
    *pool->last = kept;
    pool->last = &kept->next;
    pthread_cond_signal(&pool->change);
    pthread_mutex_unlock(&pool->lock);
}

static void call(struct job *job)
{
    for (int i = 0; i < job->calls; i++)
        job->done(job->id < 0 ? job->id : 0, job->id * 1.5, job->user);
}

// Calls as often as it is told to: once, twice, never. Refuses the id 0.
int pool_call(struct pool *pool, int id, int calls, done_fn done, void *user)
{
    if (id == 0)
        return -22;
    push(pool, (struct job){.run = call, .done = done, .user = user, .id = id, .calls = calls});
    return 0;
}

// Calls before it returns.
void pool_call_now(int id, done_fn done, void *user)
{
    done(0, id * 1.5, user);
}

static void fill(struct job *job)
{
    memset(job->into, 'x', job->length);
    job->filled((ssize_t)job->length, job->user);
}

// Fills the buffer later, to its end, and calls then.
void pool_fill(struct pool *pool, char *into, size_t length, filled_fn filled, void *user)
{
    push(pool, (struct job){.run = fill, .filled = filled, .user = user, .into = into, .length = length});
}

static void stream(struct job *job)
{
    struct stream *of = job->stream;
    if (atomic_fetch_add(&of->begun, 1) == of->destroy_at)
        of->destroy(of->user);
    atomic_fetch_add(&of->sum, of->each(of->user, job->id));
    // Whoever is last: the stream is freed, and what is late was late.
    if (atomic_fetch_sub(&of->left, 1) == 1) {
        if (of->destroy_at >= atomic_load(&of->begun))
            of->destroy(of->user);
        free(of);
    }
}

// Calls with 0 to count - 1, on all threads at once. The call with the number `destroy_at` in time destroys the user data
// first, while others run and before others begin; a number past the end destroys after the last call, as is decent.
void pool_each(struct pool *pool, int count, int destroy_at, each_fn each, void *user, destroy_fn destroy)
{
    struct stream *of = calloc(1, sizeof *of);
    *of = (struct stream){.each = each, .destroy = destroy, .user = user, .destroy_at = destroy_at};
    atomic_init(&of->left, count);
    for (int i = 0; i < count; i++)
        push(pool, (struct job){.run = stream, .id = i, .stream = of});
}

// Has the user data in the middle, and as many parameters as there may be.
int call_wide(int (*wide)(signed char, short, int, void *, long, float, double), void *user)
{
    return wide(1, 2, 3, user, 4, 5, 6);
}
