// The loop that c-ares leaves to its user.

#include <stddef.h>
#include <sys/select.h>
#include <sys/time.h>

// After those: the header of some versions lacks them.
#include <ares.h>

// Reads and writes, and calls back from here, until nothing is pending.
void resolver_drive(ares_channel channel)
{
    for (;;) {
        fd_set reads, writes;
        FD_ZERO(&reads);
        FD_ZERO(&writes);
        int count = ares_fds(channel, &reads, &writes);
        if (count == 0)
            return;
        struct timeval time;
        if (select(count, &reads, &writes, NULL, ares_timeout(channel, NULL, &time)) < 0) {
            FD_ZERO(&reads);
            FD_ZERO(&writes);
        }
        ares_process(channel, &reads, &writes);
    }
}
