/*
 * Java in a program that knows nothing of Tine: the control thread enters its JVM by JNI, loads the repairs from a jar of
 * their own, and forks between them. No agent is loaded, and the program cannot see the classes.
 *
 * All functions are called by one thread, which is no thread of the JVM's before, has no signal blocked, and a stack of
 * 1 MB or more. It stays attached to the JVM, as a daemon named "tine-control" in the group "system", in the children too.
 * Not AS-safe. Nothing is thrown or printed: a reason is a sentence for the user, in UTF-8 and cut to `size`, "" if there is
 * none.
 */
#ifndef TINE_GUEST_JAVA_H
#define TINE_GUEST_JAVA_H

#include <stddef.h>

#include "tine.h"

/* For `flags`; dev.tine.repair.Guest has the same numbers. */
enum tine__guest_flag {
  TINE__GUEST_COLLECT = 1,        /* a full collection before the fork */
  TINE__GUEST_ALLOW_RECORDING = 2 /* fork though Flight Recorder is recording */
};

/*
 * Finds the JVM of this process, and whether it can be forked; prepares all that need not be done at each fork. `jar` is the
 * path of tine-repair.jar. 0, or with a reason: -ESRCH: there is no JVM, or it is not up yet: try again later; -ENOSYS:
 * it is none that can be forked; -EACCES: it does not let us in. After a failure it may be called again.
 */
int tine__guest_prepare(const char *jar, char *reason, size_t size);

/*
 * Suspends the program's threads, forks by tine_fork(request), and repairs the child, before its threads run; waits until
 * it has, if the request has `repairs`. After a tine__guest_prepare() that succeeded. The pid of the child, 0 in the child or worker, or -errno, and the program runs on
 * as before: with a reason if nothing was tried; without one, tine_fork_last() and tine_fork_refusal() tell what failed.
 */
int tine__guest_fork(const struct tine_fork_request *request, int flags, char *reason, size_t size);

/*
 * Runs a little Java code, by TINE_BEAT_ flags: `text` is what it has to say, cut to `size`. Waits as long as the JVM lets no
 * Java code run. After a tine__guest_prepare() that succeeded, in the children too. 0, or -errno with a reason.
 */
int tine__guest_beat(int flags, char *text, size_t size);

#if TINE_FAULTS
/* Test builds only: both of the above. */
TINE_API int tine_guest_fork(const struct tine_fork_request *request, const char *jar, int flags, char *reason, int size);
#endif

#endif
