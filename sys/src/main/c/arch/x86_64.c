/* The x86_64 part of arch.h. */
#if defined(__x86_64__)

#include <asm/prctl.h>
#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>

#include "arch/arch.h"
#include "raw.h"

#ifndef HWCAP2_FSGSBASE
#define HWCAP2_FSGSBASE 2
#endif

static int can_read_bases; /* by instruction: Linux 5.9 on Ivy Bridge and later */

void tine__arch_probe(void) { can_read_bases = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0; }

void tine__bases_get(struct tine__bases *bases) {
  if (can_read_bases) {
    __asm__("rdfsbase %0\n rdgsbase %1" : "=r"(bases->tls), "=r"(bases->extra));
    return;
  }
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

/*
 * rdi gate, esi generation, rdx ucontext. At the end the kernel looks for the signal frame 8 bytes below rsp: there
 * stood the return address of the handler.
 */
__asm__(
    ".text\n"
    ".hidden tine__hold\n"
    ".globl tine__hold\n"
    ".type tine__hold, @function\n"
    "tine__hold:\n"
    "  mov %rdi, %rbx\n"
    "  mov %esi, %r12d\n"
    "  mov %rdx, %r13\n"
    "1: mov (%rbx), %edx\n" /* released */
    "  cmp %r12d, %edx\n"
    "  je 2f\n"
    "  mov $202, %eax\n" /* futex(&released, FUTEX_WAIT_PRIVATE, seen, NULL) */
    "  mov %rbx, %rdi\n"
    "  mov $128, %esi\n"
    "  xor %r10d, %r10d\n"
    "  syscall\n"
    "  jmp 1b\n"
    /* The next one, before this one counts itself out: park.c, release(). */
    "2: mov $202, %eax\n" /* futex(&released, FUTEX_WAKE_PRIVATE, 1) */
    "  mov %rbx, %rdi\n"
    "  mov $129, %esi\n"
    "  mov $1, %edx\n"
    "  syscall\n"
    "  lock decl 4(%rbx)\n"
    "  jnz 3f\n"
    /* The count first, then whether somebody waits for it: the other way round, one who begins to wait between the two
       would sleep although the last is out. */
    "  cmpl $0, 8(%rbx)\n"
    "  je 3f\n"
    "  mov $202, %eax\n" /* futex(&inside, FUTEX_WAKE_PRIVATE, INT_MAX) */
    "  lea 4(%rbx), %rdi\n"
    "  mov $129, %esi\n"
    "  mov $0x7fffffff, %edx\n"
    "  syscall\n"
    "3: mov %r13, %rsp\n"
    "  mov $15, %eax\n" /* rt_sigreturn */
    "  syscall\n"
    "  hlt\n"
    ".size tine__hold, . - tine__hold\n");

_Static_assert(offsetof(struct tine__gate, released) == 0 && offsetof(struct tine__gate, inside) == 4 &&
                   offsetof(struct tine__gate, inside_watched) == 8,
               "tine__hold() knows these offsets");

static int is_syscall(const unsigned char *code) { return code[0] == 0x0f && code[1] == 0x05; }

/* Length of `mov offset(%rsp), register`, but not to eax, which has the number: 4 or, with a REX prefix, 5; else 0. */
static int is_argument_load(const unsigned char *code) {
  int prefix = (code[0] & 0xf0) == 0x40;
  const unsigned char *mov = code + prefix;
  int to_eax = (mov[1] & 0x38) == 0 && !(prefix && (code[0] & 0x04));
  return mov[0] == 0x8b && (mov[1] & 0xc7) == 0x44 && mov[2] == 0x24 && !to_eax ? 4 + prefix : 0;
}

/*
 * The number of the system call that ended at the saved pc. glibc issues a call whose number it knows as
 * `mov $number, %eax; syscall`; the compiler may have put the load of one argument between the two. Where the number
 * came from elsewhere (glibc 2.41 and later in cancellable calls, syscall(3)), it cannot be known: -1.
 */
static long interrupted_call(const ucontext_t *context) {
  enum { MOV = 5, SYSCALL = 2 };
  uintptr_t pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
  uintptr_t readable = pc & 4095; /* the page before may not be mapped */
  if (readable < SYSCALL || !is_syscall((const unsigned char *)pc - SYSCALL)) return -1;
  static const int gaps[] = {0, 4, 5};
  for (int i = 0; i < 3; i++) {
    int between = gaps[i];
    if (readable < (uintptr_t)(MOV + between + SYSCALL)) break;
    const unsigned char *code = (const unsigned char *)pc - SYSCALL - between - MOV;
    if (code[0] != 0xb8 || (between != 0 && is_argument_load(code + MOV) != between)) continue;
    int32_t number;
    memcpy(&number, code + 1, sizeof number);
    return number;
  }
  return -1;
}

/* True if the call may begin again with the arguments it has, which may be moved on to what is left of a timeout. */
static int can_begin_again(long number, greg_t *registers) {
  switch (number) {
    case SYS_poll: /* (fds, n, timeout ms): a finite wait would begin from its start, at every fork again */
      return (int32_t)registers[REG_RDX] < 0;
    case SYS_epoll_wait: /* (epfd, events, n, timeout ms, mask) */
    case SYS_epoll_pwait:
      return (int32_t)registers[REG_R10] < 0;
    case SYS_epoll_pwait2: /* (epfd, events, n, timeout, mask) */
      return registers[REG_R10] == 0;
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
  if (number < 0 || !can_begin_again(number, registers)) return;
  registers[REG_RIP] -= 2; /* to the syscall instruction, as the kernel does it for SA_RESTART */
  registers[REG_RAX] = number;
}

/* call rel32; (pop %rbp;) mov %eax, disp32(%rip): the compiler has nothing to save between them. */
int32_t *tine__first_result(const uint8_t *code) {
  const uint8_t *end = code + TINE__FIRST_CALL_BYTES;
  while (code + 12 <= end && *code != 0xe8) code++;
  code += 5;
  if (code < end && *code == 0x5d) code++;
  if (code + 6 > end || code[0] != 0x89 || code[1] != 0x05) return NULL;
  int32_t displacement;
  memcpy(&displacement, code + 2, sizeof displacement);
  return (int32_t *)(code + 6 + displacement);
}

/* After tine__rewind(). */
int tine__in_blocking_call(const ucontext_t *context) {
  const greg_t *registers = context->uc_mcontext.gregs;
  uintptr_t pc = (uintptr_t)registers[REG_RIP];
  if ((pc & 4095) > 4096 - 2) return 0;
  /* To begin again, by the kernel's doing or tine__rewind()'s: at the syscall instruction, the number in rax. */
  if (is_syscall((const unsigned char *)pc)) return registers[REG_RAX] != SYS_futex;
  /* Not repeated: ended with EINTR. */
  return registers[REG_RAX] == -EINTR && interrupted_call(context) >= 0;
}

/* glibc's thread control block, part of its ABI: the vector of blocks is its second word. Each place of the vector has two
   words, the first of which is the block's address, or -1; before the first lies how many there are. */
char *tine__tls_of(uintptr_t tls, size_t module) {
  const uintptr_t *blocks = ((uintptr_t **)tls)[1];
  if (blocks == NULL || blocks[-2] < module) return NULL;
  uintptr_t block = blocks[2 * module];
  return block == (uintptr_t)-1 ? NULL : (char *)block;
}

#endif
