/* The x86_64 part of arch.h. */
#if defined(__x86_64__)

#include <asm/prctl.h>
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "arch/arch.h"
#include "raw.h"

void tine__bases_get(struct tine__bases *bases) {
  bases->tls = bases->extra = 0;
  raw2(SYS_arch_prctl, ARCH_GET_FS, (long)&bases->tls);
  raw2(SYS_arch_prctl, ARCH_GET_GS, (long)&bases->extra);
}

void tine__bases_set_extra(const struct tine__bases *bases) {
  if (bases->extra != 0) raw2(SYS_arch_prctl, ARCH_SET_GS, (long)bases->extra);
}

/*
 * tine__clone_raw(flags, stack, ptid, ctid, tls, entry, arg): the child begins with the registers of the caller but
 * another stack, so entry (r9) and arg (r12) reach it in registers; nothing is written to its stack beforehand.
 */
__asm__(
    ".text\n"
    ".hidden tine__clone_raw\n"
    ".globl tine__clone_raw\n"
    ".type tine__clone_raw, @function\n"
    "tine__clone_raw:\n"
    "  push %r12\n"
    "  mov 16(%rsp), %r12\n" /* arg, the seventh parameter */
    "  mov %rcx, %r10\n"     /* ctid */
    "  mov $56, %eax\n"      /* SYS_clone */
    "  syscall\n"
    "  test %rax, %rax\n"
    "  jz 1f\n"
    "  pop %r12\n"
    "  ret\n"
    "1: xor %ebp, %ebp\n" /* the outermost frame */
    "  mov %r12, %rdi\n"
    "  call *%r9\n"
    "  hlt\n"
    ".size tine__clone_raw, . - tine__clone_raw\n");

long tine__clone_raw(unsigned long flags, void *stack, int *ptid, int *ctid, uintptr_t tls, void (*entry)(void *), void *arg);

long tine__clone_thread(unsigned long flags, void *stack, int *tid_address, uintptr_t tls, void (*entry)(void *),
                        void *arg) {
  void *aligned = (void *)((uintptr_t)stack & ~(uintptr_t)15); /* the ABI wants 16 at a call */
  return tine__clone_raw(flags, aligned, tid_address, tid_address, tls, entry, arg);
}

__attribute__((noreturn)) void tine__sigreturn(void *ucontext) {
  /* The kernel looks for the frame 8 bytes below rsp: the return address of the handler, already gone, stood there. */
  __asm__ volatile("mov %0, %%rsp\n mov %1, %%eax\n syscall\n hlt" : : "r"(ucontext), "i"(SYS_rt_sigreturn) : "memory");
  __builtin_unreachable();
}

/*
 * `syscall` at pc - 2, and before it `mov $number, %eax`: how glibc issues a call whose number it knows. Where the
 * number came from elsewhere (glibc 2.41 and later in cancellable calls, syscall(3)), it cannot be known: -1.
 */
static long interrupted_call(const ucontext_t *context) {
  const greg_t *registers = context->uc_mcontext.gregs;
  uintptr_t pc = (uintptr_t)registers[REG_RIP];
  if ((pc & 4095) < 7) return -1; /* the page before may not be mapped */
  const unsigned char *code = (const unsigned char *)(pc - 7);
  if (code[5] != 0x0f || code[6] != 0x05 || code[0] != 0xb8) return -1;
  int32_t number;
  memcpy(&number, code + 1, sizeof number);
  return number;
}

/* True if the call may begin again with the arguments it has, which may be moved on to what is left of a timeout. */
static int can_begin_again(long number, greg_t *registers) {
  switch (number) {
    case SYS_poll: /* (fds, n, timeout ms): a finite wait would begin from its start, at every fork again */
      return (int32_t)registers[REG_RDX] < 0;
    case SYS_epoll_wait: /* (epfd, events, n, timeout ms, mask) */
    case SYS_epoll_pwait:
      return (int32_t)registers[REG_R10] < 0;
    case SYS_ppoll: /* the kernel has put the remaining time into the caller's timespec: select_tut(2), NOTES */
    case SYS_pselect6:
    case SYS_select:
    case SYS_pause:
    case SYS_rt_sigsuspend:
      return 1;
    case SYS_rt_sigtimedwait: /* (set, info, timeout) */
      return registers[REG_RDX] == 0;
    case SYS_futex: /* FUTEX_WAIT_BITSET takes an absolute time; FUTEX_WAIT a relative one, or none */
      if ((registers[REG_RSI] & FUTEX_CMD_MASK) == FUTEX_WAIT) return registers[REG_R10] == 0;
      return 1;
    case SYS_nanosleep: /* (request, remaining): go on with what remains */
      if (registers[REG_RSI] == 0) return 0;
      registers[REG_RDI] = registers[REG_RSI];
      return 1;
    case SYS_clock_nanosleep: /* (clock, flags, request, remaining) */
      if (registers[REG_RSI] & TIMER_ABSTIME) return 1;
      if (registers[REG_R10] == 0) return 0;
      registers[REG_RDX] = registers[REG_R10];
      return 1;
    default:
      return 0;
  }
}

void tine__rewind(ucontext_t *context) {
  greg_t *registers = context->uc_mcontext.gregs;
  if (registers[REG_RAX] != -EINTR) return;
  long number = interrupted_call(context);
  if (number >= 0 && can_begin_again(number, registers)) registers[REG_RIP] -= 7;
}

int tine__in_blocking_call(const ucontext_t *context) {
  const greg_t *registers = context->uc_mcontext.gregs;
  uintptr_t pc = (uintptr_t)registers[REG_RIP];
  /* Restarted by the kernel (SA_RESTART): pc is at the syscall instruction again and rax holds the number. */
  if ((pc & 4095) < 4094) {
    const unsigned char *next = (const unsigned char *)pc;
    if (next[0] == 0x0f && next[1] == 0x05) return registers[REG_RAX] != SYS_futex;
  }
  long number = interrupted_call(context);
  return registers[REG_RAX] == -EINTR && number >= 0 && number != SYS_futex;
}

#endif
