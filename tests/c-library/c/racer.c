// Two threads with a short queue between them: what one posts, the other calls at once. It is short, so that they stay close
// together, and more than one slot, so that neither stands still for as long as the other is not on a core.

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef int (*each_fn)(void *user, int value);
typedef void (*destroy_fn)(void *user);

enum { SLOTS = 8 };

struct slot {
    each_fn each;
    destroy_fn destroy;
    void *user;
    int calls;
    char *into;
    size_t length;
};

struct racer {
    // How many were posted, and how many of those have been called.
    atomic_size_t posted, called;
    atomic_bool is_ended;
    struct slot slots[SLOTS];
    pthread_t thread;
};

static void rest(unsigned spins)
{
    if (spins % 256 == 255)
        sched_yield();
}

static void *race(void *of)
{
    struct racer *racer = of;
    for (size_t called = 0;; called++) {
        for (unsigned spins = 0; atomic_load(&racer->posted) == called; spins++) {
            if (atomic_load(&racer->is_ended))
                return NULL;
            rest(spins);
        }
        struct slot *slot = &racer->slots[called % SLOTS];
        if (slot->into)
            memset(slot->into, 'x', slot->length);
        for (int i = 0; i < slot->calls; i++)
            slot->each(slot->user, i);
        if (slot->destroy)
            slot->destroy(slot->user);
        atomic_store(&racer->called, called + 1);
    }
}

struct racer *racer_new(void)
{
    struct racer *racer = calloc(1, sizeof *racer);
    if (pthread_create(&racer->thread, NULL, race, racer))
        abort();
    return racer;
}

static void until_open(struct racer *racer, size_t open)
{
    for (unsigned spins = 0; atomic_load(&racer->posted) - atomic_load(&racer->called) > open; spins++)
        rest(spins);
}

// Waits until all that was posted has been called.
void racer_wait(struct racer *racer)
{
    until_open(racer, 0);
}

// Waits for a slot. The other thread fills `into`, calls `calls` times, and destroys if there is a function for it.
void racer_post(struct racer *racer, int calls, each_fn each, void *user, destroy_fn destroy, char *into, size_t length)
{
    until_open(racer, SLOTS - 1);
    size_t posted = atomic_load(&racer->posted);
    racer->slots[posted % SLOTS] = (struct slot){each, destroy, user, calls, into, length};
    atomic_store(&racer->posted, posted + 1);
}

void racer_free(struct racer *racer)
{
    racer_wait(racer);
    atomic_store(&racer->is_ended, true);
    pthread_join(racer->thread, NULL);
    free(racer);
}
