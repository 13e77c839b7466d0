/*
 * What depends on the processor. Each function is AS-safe and uses no libc.
 */
#ifndef TINE_ARCH_H
#define TINE_ARCH_H

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#if defined(__x86_64__)
#include "arch/x86_64.h"
#else
#error "Tine supports x86_64 only; another processor needs a file in arch/"
#endif

/* Segment bases that clone and sigreturn do not carry over. */
struct tine__bases {
  uintptr_t tls;   /* handed to CLONE_SETTLS */
  uintptr_t extra; /* x86: gs */
};

/* Finds out what the processor can do; before anything else here, not AS-safe. */
void tine__arch_probe(void);

void tine__bases_get(struct tine__bases *bases);
void tine__bases_set_extra(const struct tine__bases *bases);

/* The block of thread-local storage that the thread with this base has for a module of the loader's; NULL: none yet. */
char *tine__tls_of(uintptr_t tls, size_t module);

/*
 * clone(2) of a thread that begins in entry(arg) on the given stack, which it never leaves. Returns tid or -errno.
 * tid_address gets the new tid before this returns, and is cleared and woken when the thread ends; may be NULL.
 */
long tine__clone_thread(unsigned long flags, void *stack, int *tid_address, uintptr_t tls, void (*entry)(void *), void *arg);

/* Words that a thread held in the handler looks at; see park.c. */
struct tine__gate {
  _Atomic int32_t released;       /* the generation that may go on */
  _Atomic int32_t inside;         /* threads in the handler */
  _Atomic int32_t inside_watched; /* wake whoever waits for inside to become 0 */
};

/*
 * Waits until gate->released is `generation`, wakes another that waits, counts the thread out, and leaves the signal
 * handler for good: the thread goes on where ucontext says. Writes nothing to the stack: a thread that only waited and waits on does not cost the
 * parent, nor the child, the copy of a page, and no other processor the flush of its address that comes with it.
 */
__attribute__((noreturn)) void tine__hold(struct tine__gate *gate, int32_t generation, void *ucontext);

/*
 * Makes an interrupted system call begin again, if it ended with EINTR only because of the park signal and can be
 * repeated without a change of meaning (docs/SIGNALS.md has the list).
 */
void tine__rewind(ucontext_t *context);

/*
 * Where a function that begins with a call stores the int that it got: a static variable; NULL: its code does not begin so.
 * Reads TINE__FIRST_CALL_BYTES of code.
 */
#define TINE__FIRST_CALL_BYTES 32
int32_t *tine__first_result(const uint8_t *code);

/* Whether the thread was interrupted inside a system call other than futex(2). */
int tine__in_blocking_call(const ucontext_t *context);

#endif
