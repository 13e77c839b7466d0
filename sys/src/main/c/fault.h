/*
 * Named faults, one per stage, for the tests; a release build has none (tine__fault() is 0 and vanishes).
 */
#ifndef TINE_FAULT_H
#define TINE_FAULT_H

#include "tine.h"

/* Within TINE_STAGE_DESCRIPTORS: each descriptor's turn, and each member of an epoll set. */
#define TINE_FAULT_DESCRIPTOR 100
#define TINE_FAULT_MEMBER 101

/* Of a mold, only deaths: it has cloned a worker; it has heard the worker's verdict, and nobody else has. */
#define TINE_FAULT_CLONED 103
#define TINE_FAULT_HEARD 104

/* Within TINE_STAGE_REPAIR: this and the number of the repair. */
#define TINE_FAULT_REPAIR 200

/* Within tine_spawn(): close_range(2), and this and each phase that is passed, by its number in enum tine_spawn_phase. */
#define TINE_FAULT_CLOSE_RANGE 102
#define TINE_FAULT_SPAWN 300

#if TINE_FAULTS
/* 0, or the -errno to fail with; does not return if the fault is a death. AS-safe. */
int tine__fault(int stage);
#else
#define tine__fault(stage) 0
#endif

#endif
