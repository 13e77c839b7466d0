/*
 * The first moments of a child that repairs itself: the thread that forked goes on alone, and the others when it is done.
 *
 * They would compete with it for processors, a hundred of them at once, only to find that they have to wait. And each page
 * that it writes to for the first time would cost an interrupt on their processors.
 *
 * It does not need them as a rule. If it does, to collect the heap, they are released when it has asked for them or has
 * not come on for a while.
 */
#ifndef TINE_CHILD_SETTLE_H
#define TINE_CHILD_SETTLE_H

/* Leader of a child that is whole but for its repairs: releases all threads, in that order. AS-safe. */
void tine__child_settle(void);

/* The thread that forked: it is done, or needs the others. Does nothing in other processes. AS-safe. */
void tine__child_hurry(void);

#endif
