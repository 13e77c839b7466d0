/*
 * What names a process inside its JVM, and must name the child in the child: the thread ids that HotSpot remembers, the
 * file of its performance counters (jps, jstat), and the socket that tools attach to (jcmd).
 *
 * All of it is right before the first thread of a child runs. Where HotSpot keeps it is looked up once, before the first
 * fork: by its exported gHotSpotVMStructs (the table that debuggers read), and where that has no entry, by the value
 * that must be there. Nothing is taken for granted: a place that does not hold what it should is not written to.
 */
#ifndef TINE_IDENTITY_IDENTITY_H
#define TINE_IDENTITY_IDENTITY_H

#include <jni.h>
#include <stdint.h>

#include "park/thread.h"

/*
 * Finds all places. Once per process, with the JNIEnv of the calling thread; not AS-safe.
 * 0, or: -ENOSYS: this is no HotSpot, or one that hides its structs; -ENOENT: its performance counters are in a shared
 * file, and the place of that file's name was not found.
 */
int tine__identity_find(JNIEnv *env);

/*
 * Leader, all parked: reads what may change while a process lives. 0, or: -EAGAIN: a tool is just attaching for the first
 * time, in a moment it has done so; -ENOTSUP: somebody has attached, and the place of the socket's name was not found.
 * AS-safe.
 */
int tine__identity_survey(void);

/* Child, alone: makes a file of its own for its counters and a socket of its own for tools; a mold, which nobody can
   look into, has neither. 0 or -errno. */
int tine__identity_become(int with_threads);

/* Child or worker that ends without HotSpot's exit: removes what it has made in the file system. AS-safe. */
void tine__identity_leave(void);

/* Names the listeners that a child must not answer; before each fork. Those beyond 64 are left out. */
void tine__detached_set(const int32_t *fds, int n);

/* Where HotSpot keeps the id of this parked thread; NULL: it is not one of HotSpot's. AS-safe. */
int32_t *tine__identity_tid(const struct tine__thread *thread);

#endif
