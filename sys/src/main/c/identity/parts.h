/* The parts of identity.c: each finds its places, surveys them and repairs them; see identity.h for when. */
#ifndef TINE_IDENTITY_PARTS_H
#define TINE_IDENTITY_PARTS_H

#include "identity/vm.h"

/* Ids of threads: osthread.c. -ENOSYS: not found. */
int tine__osthread_find(const struct tine__vm *vm, JNIEnv *env);

/* File of the performance counters: perfdata.c. -ENOENT: there is one, and its name was not found. */
int tine__perfdata_find(const struct tine__vm *vm);
int tine__perfdata_become(int with_threads);
void tine__perfdata_leave(void);

/* Socket that tools attach to: attach.c. */
void tine__attach_find(const struct tine__vm *vm);
int tine__attach_survey(void);
int tine__attach_become(int with_threads);
void tine__attach_leave(void);

/* Listeners that answer for the parent alone: detached.c; set before a fork. */
int tine__detached_become(void);

/* Pid that is printed in the log: log.c. */
void tine__log_find(const struct tine__vm *vm);
void tine__log_become(int with_threads);

#endif
