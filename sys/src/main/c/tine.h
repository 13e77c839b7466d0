/*
 * tine.h - the C core of Tine: what no Java code can do.
 *
 * One rule for every function: it returns 0 or a useful number, or -errno. Nothing is printed, nothing is thrown,
 * errno is never read by a caller. Each comment says whether the function is async-signal-safe (AS-safe) and who owns
 * what. All structs are plain data, filled by the caller or by the function, and never kept.
 */
#ifndef TINE_H
#define TINE_H

#include <stdint.h>

#define TINE_API __attribute__((visibility("default")))

/* Steps of a fork, in order. A failure names the step it happened in; a fault can be injected at each (fault.h). */
enum tine_stage {
  TINE_STAGE_NONE = 0,
  TINE_STAGE_SIGNAL,      /* install the handler of the park signal */
  TINE_STAGE_LEADER,      /* the primordial thread answers */
  TINE_STAGE_PARK,        /* every other thread is parked */
  TINE_STAGE_SURVEY,      /* open descriptors are listed */
  TINE_STAGE_CLONE,       /* clone(2) of the process */
  TINE_STAGE_PARENT_TIE,  /* child: death signal, check of the parent */
  TINE_STAGE_DESCRIPTORS, /* child: descriptors get files of their own */
  TINE_STAGE_IDENTITY,    /* child: the JVM's counters and its socket for tools become the child's own */
  TINE_STAGE_THREADS,     /* child: threads are re-created */
  TINE_STAGE_VERDICT,     /* child tells its parent that it is whole */
  TINE_STAGE_REPAIR,      /* child: what only Java code can make its own */
  TINE_STAGE_ORDER        /* mold: an order did not reach it or was not answered */
};

/* Why a thread could not be parked. */
enum tine_obstacle {
  TINE_OBSTACLE_NONE = 0,
  TINE_OBSTACLE_BLOCKED,  /* the thread blocks the park signal */
  TINE_OBSTACLE_DISK,     /* uninterruptible sleep: state D, a vfork(2) that waits for its child, a dead NFS server */
  TINE_OBSTACLE_STOPPED,  /* stopped or traced */
  TINE_OBSTACLE_SLOW      /* none of these: it had no time to answer */
};

/* What a descriptor is; what a fork does with each kind is said in survey/kinds.c. */
enum tine_kind {
  TINE_KIND_OTHER = 0,    /* has no state of the process's, or one that is to be shared: pidfd, BPF */
  TINE_KIND_FILE,         /* regular file, with or without a name, memfd: has a position */
  TINE_KIND_DIRECTORY,    /* has a position */
  TINE_KIND_DEVICE,       /* tty, /dev/urandom */
  TINE_KIND_TERMINAL,     /* pseudo-terminal, the side that has its programs: /dev/ptmx */
  TINE_KIND_FIFO,         /* pipe with a name */
  TINE_KIND_PIPE,         /* one end of a pipe without a name */
  TINE_KIND_LISTENER,     /* listening socket */
  TINE_KIND_BOUND_SOCKET, /* has an address, and no peer */
  TINE_KIND_FRESH_SOCKET, /* has neither */
  TINE_KIND_CONNECTION,   /* socket with a peer, or about to have one */
  TINE_KIND_SOCKET_PAIR,  /* UNIX connection that has both ends in this process */
  TINE_KIND_EPOLL,
  TINE_KIND_EVENTFD,
  TINE_KIND_TIMERFD,
  TINE_KIND_SIGNALFD,
  TINE_KIND_INOTIFY,
  TINE_KIND_IO_URING,
  TINE_KIND_PERF_EVENT,
  TINE_KIND_USERFAULTFD,
  TINE_KIND_FANOTIFY
};

/* What a process may have that is refused, before anything happens, unless the caller relaxes it. */
enum tine_refusal_reason {
  TINE_REFUSAL_NONE = 0,
  TINE_REFUSAL_IO_URING,
  TINE_REFUSAL_PERF_EVENT,
  TINE_REFUSAL_USERFAULTFD,
  TINE_REFUSAL_FANOTIFY,
  TINE_REFUSAL_SHARED_MAPPING /* writable, and not the JVM's own */
};

#define TINE_REFUSAL_NAME_MAX 256

/* What was refused, and where it is. */
struct tine_refusal {
  int32_t reason;  /* enum tine_refusal_reason */
  int32_t fd;      /* -1: not a descriptor */
  uint64_t begin;  /* mapping: its addresses */
  uint64_t end;
  char name[TINE_REFUSAL_NAME_MAX]; /* mapping: of its file, cut; "": it has none */
};

/* A file that a caller means: by number and inode for a descriptor, by inode for a mapping. */
struct tine_file {
  int32_t fd;
  int32_t reserved;
  uint64_t device; /* as stat(2) has it */
  uint64_t inode;
};

/* An open descriptor, as tine_descriptors() lists it. */
struct tine_descriptor {
  int32_t fd;
  int32_t kind;          /* enum tine_kind */
  int32_t flags;         /* of fcntl(F_GETFL) */
  int32_t close_on_exec; /* 0 or 1 */
  uint64_t device;
  uint64_t inode;
};

#define TINE_TITLE_MAX 128

/* Room for what a child says that it could not repair. */
#define TINE_WHAT_MAX 240

/* What to do: filled by the caller. */
struct tine_fork_request {
  int32_t freeze;         /* 0: fork one child. 1: fork a mold that serves orders on order_fd and resumes no thread */
  int32_t sibling;        /* 1: the child is one of this process's parent, which alone waits for it; also if it fails */
  int32_t repairs;        /* 1: the child, or each worker of the mold, repairs itself before it is whole: tine_repaired() */
  int32_t signal;         /* the park signal, from tine_free_signal() */
  int32_t death_signal;   /* sent to the child when this process ends; 0: none */
  int32_t order_fd;       /* freeze: the mold's end of a SOCK_SEQPACKET pair; stays owned by the caller */
  int32_t monitor_fd;     /* freeze: the caller's end, closed in the mold and in every worker */
  uint32_t relaxed;       /* bits 1 << enum tine_refusal_reason: not refused */
  int64_t park_limit_ns;  /* give up when a thread is not parked by then */
  const struct tine_file *kept;    /* descriptors to leave shared, by ascending number; read during the call only */
  const struct tine_file *mapped;  /* files whose shared mappings are not refused; likewise */
  int32_t kept_count;
  int32_t mapped_count;
  char title[TINE_TITLE_MAX]; /* what ps shows of the child; "": unchanged */
};

/* What came of the last tine_fork(), in this process. */
struct tine_fork_result {
  int32_t pid;            /* of the child; 0 in the child or worker */
  int32_t stage;          /* enum tine_stage, of a failure */
  int32_t error;          /* 0 or errno, of a failure */
  int32_t tid;            /* thread that could not be parked; 0: none */
  int32_t obstacle;       /* enum tine_obstacle, why it could not */
  int32_t exit_signal;    /* a child that died before it was whole: its signal; 0: it ended itself */
  int32_t exit_code;      /* if it ended itself */
  int32_t order_id;       /* in a worker: the id of the order it was made by */
  int32_t threads;        /* threads that were parked, the leader included */
  int32_t descriptors;    /* descriptors that were surveyed */
  int32_t refusal;        /* enum tine_refusal_reason; tine_fork_refusal() tells more */
  int32_t reserved;
  int64_t begin_ns;       /* CLOCK_MONOTONIC at the call, and what each step took: */
  int64_t park_ns;
  int64_t survey_ns;
  int64_t clone_ns;       /* in the child: until it ran */
  int64_t descriptors_ns; /* only known in the child */
  int64_t threads_ns;     /* only known in the child */
  int64_t resume_ns;      /* from the release of the threads until this one left tine_fork() */
  char thread_name[16];   /* of tid */
  char what[TINE_WHAT_MAX]; /* TINE_STAGE_REPAIR: what the child could not repair; "": it did not say */
};

#define TINE_ORDER_FILES_MAX 32

/*
 * An order to a mold, and its answer: one datagram each. Descriptors that come with an order take, in the worker, the
 * place of what the mold's process had when it was frozen: of every number that was the file `files[i]`. A listener
 * that takes the place of one which does not block does not block from then on.
 */
struct tine_order {
  int32_t id;
  int32_t death_signal;
  int32_t file_count;
  int32_t reserved;
  struct tine_file files[TINE_ORDER_FILES_MAX]; /* device and inode */
  char title[TINE_TITLE_MAX];
};
struct tine_answer {
  int32_t pid;   /* of the worker; > 0 also if it failed after clone: the caller reaps it */
  int32_t stage; /* of a failure */
  int32_t error; /* of a failure; 0: no error of the kernel's */
  char what[TINE_WHAT_MAX]; /* as in tine_fork_result */
};

/* How a process ended. */
struct tine_exit {
  int32_t kind;  /* 0: exited, 1: killed by a signal, 2: killed by a signal, with a core dump */
  int32_t value; /* exit code or signal number */
};

/* What this machine can do; each field is 0 (can) or the errno of the probe. */
struct tine_probe {
  int32_t tid_address;  /* prctl(PR_GET_TID_ADDRESS): Linux 3.5 with CONFIG_CHECKPOINT_RESTORE */
  int32_t pidfd;        /* pidfd_open(2) and waitid(P_PIDFD): Linux 5.4 */
  int32_t leader;       /* ESRCH: the primordial thread has exited */
  int32_t loader_locks; /* ENOENT: the dynamic loader's locks were not found (glibc not known) */
  int32_t rseq_size;    /* bytes of glibc's rseq area; 0: not used */
};

/*
 * Forks this process, all threads included. Returns, like fork(2), the pid of the child, 0 in the child; or -errno,
 * and this process runs on as before. tine_fork_last() tells more, in both processes.
 * Not AS-safe. One call at a time: -EBUSY. No descriptor, thread or child is left behind by a failure.
 */
TINE_API int tine_fork(const struct tine_fork_request *request);

/*
 * The child of a request with `repairs`, and each worker of such a mold: says that it is whole now. Until then the call of
 * who forked it waits in tine_await_repairs() or tine_order_worker(). Does nothing the second time. AS-safe.
 */
TINE_API int tine_repaired(void);

/* The same process instead: says what could not be repaired, and ends it at once, with nothing of it run. AS-safe. */
TINE_API __attribute__((noreturn)) void tine_unrepaired(int error, const char *what);

/*
 * The parent, once after each tine_fork() that returned a pid: waits until the child is whole. 0; or 1: it is not, has
 * ended and is reaped, and tine_fork_last() tells why. Not AS-safe.
 */
TINE_API int tine_await_repairs(void);

/* Hands over the pidfd of the child of the last call, close-on-exec; -1: there is none: the call failed, the child is a
   sibling, or this was asked before. One that nobody takes is closed by the next call. AS-safe. */
TINE_API int tine_fork_pidfd(void);

/* Copies what the last call came to. Not to be called while one is under way. */
TINE_API void tine_fork_last(struct tine_fork_result *result);

/* Copies what the last call refused. Not to be called while one is under way. */
TINE_API void tine_fork_refusal(struct tine_refusal *refusal);

/* Lists the open descriptors; returns how many there are, which may be more than there is room for, or -errno. Not
   AS-safe; one call at a time, and none while a fork is under way. */
TINE_API int tine_descriptors(struct tine_descriptor *list, int capacity);

/* Sends an order, with its descriptors, which stay the caller's. 0 or -errno. Not AS-safe. */
TINE_API int tine_order_send(int monitor_fd, const struct tine_order *order, const int32_t *fds);

/* The answer to an order; waits for it if there is none yet. 0, whatever the answer is; -EPIPE: the mold has ended.
   *repairs_fd: -1, or where the worker will say that it is whole, readable then, for tine_order_repaired(). */
TINE_API int tine_order_answer(int monitor_fd, struct tine_answer *answer, int32_t *repairs_fd);

/* Adds to an answer what the worker says, waits for it if it has not yet, and closes repairs_fd. */
TINE_API void tine_order_repaired(int monitor_fd, int32_t repairs_fd, struct tine_answer *answer);

/* Orders one worker from the mold behind monitor_fd; waits until it is whole. 0; 1: it is not, for the reason in *answer;
   or -errno: the order was not carried out. Not AS-safe; one call at a time. */
TINE_API int tine_order_worker(int monitor_fd, const struct tine_order *order, struct tine_answer *answer);

/*
 * Puts file->fd in the place of every number of the file with this device and inode, in sets of epoll too, while all threads
 * are parked. It does not block if what it replaces does not, and stays the caller's. Returns how many numbers there were; -ENOENT: none;
 * -ETIMEDOUT: a thread could not be parked, and `name` tells which, if one is known; or -errno, and all is as before.
 * Not AS-safe; -EBUSY while a fork or another exchange is under way.
 */
TINE_API int tine_exchange(const struct tine_file *file, int signal, int64_t limit_ns, char name[16]);

/* Makes a SOCK_SEQPACKET pair, close-on-exec; both ends belong to the caller. */
TINE_API int tine_order_pair(int fds[2]);

/* Lowest real-time signal above SIGRTMIN that has no handler; -EBUSY: none is free. Not AS-safe. */
TINE_API int tine_free_signal(void);

/* What a program under the preloaded library and its monitor say to each other, see run/. */
enum tine_message_type {
  TINE_MESSAGE_NONE = 0,
  TINE_MESSAGE_HELLO,  /* program: here begins a JVM. number: pid; flags: TINE_HELLO_HOTSPOT */
  TINE_MESSAGE_BIND,   /* program: wants an address for the socket device/inode. number: pid; flags: TINE_BIND_*. Is answered */
  TINE_MESSAGE_LISTEN, /* program: the socket device/inode, which comes along, listens at the private address. number: backlog */
  TINE_MESSAGE_RESULT, /* monitor, to BIND: error; UNIX: address is the private one */
  TINE_MESSAGE_FREEZE, /* monitor: freeze; text: title. With the mold's end of its order socket. Is answered */
  TINE_MESSAGE_FROZEN, /* program: number: pid of the mold, also of one that failed, 0: there is none; error, stage, text: why */
  TINE_MESSAGE_EXCHANGE, /* monitor: the socket that comes along takes the place of device/inode. Is answered */
  TINE_MESSAGE_EXCHANGED, /* program: number: how many descriptors it is; error, text: why not */
  TINE_MESSAGE_BEAT,   /* monitor: run a little Java code. number: any; flags: TINE_BEAT_*. Is answered */
  TINE_MESSAGE_ALIVE,  /* worker: number: of the BEAT; text: what Guest.beat() said; error: it could not */
  TINE_MESSAGE_PREPARE, /* monitor: make ready for a FREEZE, before much is compiled. Is answered */
  TINE_MESSAGE_PREPARED, /* program: error, text: why this JVM cannot be forked */
  TINE_MESSAGE_HERALD  /* worker, unasked: a pipe comes along whose other end is closed when the worker begins to die */
};

#define TINE_HELLO_HOTSPOT 1
#define TINE_BIND_REUSE_ADDRESS 1
#define TINE_BIND_REUSE_PORT 2
#define TINE_BIND_V6_ONLY 4
#define TINE_BIND_OWN 8 /* in the answer: the monitor has nothing to do with this address */

#define TINE_BEAT_DEADLOCKS 1 /* look for them; dev.tine.repair.Guest has the same number */

#define TINE_ADDRESS_MAX 128
#define TINE_TEXT_MAX 512

/* One datagram. */
struct tine_message {
  int32_t type; /* enum tine_message_type */
  int32_t number;
  int32_t flags;
  int32_t error; /* errno; 0: none */
  int32_t stage; /* enum tine_stage */
  int32_t address_length;
  uint64_t device;
  uint64_t inode;
  uint8_t address[TINE_ADDRESS_MAX]; /* struct sockaddr */
  char text[TINE_TEXT_MAX];          /* NUL-terminated */
};

/* Sends a message, with a descriptor if passed >= 0, which stays the caller's. 0 or -errno. */
TINE_API int tine_message_send(int fd, const struct tine_message *message, int passed);

/* Waits for a message. *passed: a descriptor that came with it, now the caller's; -1: none. 0; -EPIPE: the other side has
   closed; -EPROTO: it was no message; -errno. */
TINE_API int tine_message_receive(int fd, struct tine_message *message, int *passed);

/* Opens and binds a listener that does not listen yet, by TINE_BIND_ flags: the descriptor, or -errno. */
TINE_API int tine_listener_open(const void *address, int length, int flags);

/* Lets it listen, with the options of the socket `like` (-1: none). 0 or -errno. */
TINE_API int tine_listener_listen(int fd, int like, int backlog);

/*
 * From now on other sockets of this user may listen at the address of this one, which listens already: with TINE_BIND_REUSE_PORT.
 * 0 or -errno.
 */
TINE_API int tine_listener_share(int fd);

/*
 * Which of the sockets that listen at one address get new connections, each as many as any other: those with the indices
 * table[0] to table[count - 1], in the order in which they began to listen. `fd` is one of them. What waits already, waits on.
 * 0 or -errno.
 */
TINE_API int tine_listener_choose(int fd, const uint16_t *table, int count);

/* Whether a socket was set not to block: who listens at it polls. 1, 0 or -errno. */
TINE_API int tine_listener_is_polled(int fd);

/* How many connections wait to be accepted, or -errno. */
TINE_API int tine_listener_waiting(int fd);

/*
 * Opens a listener that nobody looks for: at a free port of the loopback device for an address of IPv4 or IPv6, at the very
 * address for a UNIX socket. Its address goes to *address, which has room for TINE_ADDRESS_MAX bytes. The descriptor, owned by
 * the caller, or -errno.
 */
TINE_API int tine_listener_hidden(const void *like, int length, int flags, void *address, int32_t *address_length);

/*
 * Takes a socket that was passed to this process from outside: its address goes to *address, which has room for
 * TINE_ADDRESS_MAX bytes, and no program that is started gets it. Still the caller's. 0 or -errno; -EPROTOTYPE: it is no
 * stream socket. Safe in signal handlers.
 */
TINE_API int tine_listener_passed(int fd, void *address, int32_t *address_length);

/*
 * Sends a datagram to a UNIX socket, as sd_notify(3) does: by its path, or its abstract name with '@' for the first byte.
 * Does not wait: -EAGAIN if nobody reads there at the moment. 0 or -errno. Safe in signal handlers.
 */
TINE_API int tine_notify(const char *name, int length, const void *text, int size);

/* A TCP socket of this machine, of any process. */
struct tine_connection {
  int32_t state;         /* of TCP: 1 established, 8 the peer sends no more, 10 listening */
  int32_t family;        /* AF_INET or AF_INET6 */
  int32_t local_port;
  int32_t remote_port;
  uint32_t unread;       /* bytes that came and were not read; listening: connections that were not accepted */
  uint32_t unsent;       /* bytes that were written and are not acknowledged; listening: how many connections may wait */
  uint32_t received_ms;  /* since the last byte came; without any: since it was connected */
  uint32_t sent_ms;      /* since the last byte was sent; likewise */
  int32_t has_sent;      /* 0: not a byte was ever sent; else 1 */
  int32_t reserved;
  uint64_t received;     /* bytes that ever came */
  uint64_t inode;        /* 0: of no process, it waits to be accepted */
  uint8_t remote[16];
};

/*
 * Lists sockets with one of these local ports, open connections and listeners, by sock_diag(7). Returns how many there are,
 * which may be more than there is room for, or -errno. Not AS-safe.
 */
TINE_API int tine_connections(const uint16_t *ports, int port_count, struct tine_connection *list, int capacity);

/* Probes the kernel, the libc and the leader. Not AS-safe. */
TINE_API int tine_probe(struct tine_probe *probe);

/* Sets what ps shows of this process; cut to the space that its arguments take. Not AS-safe. */
TINE_API int tine_title(const char *title);

/* pidfd of a child, close-on-exec, owned by the caller. AS-safe. */
TINE_API int tine_pidfd(int pid);

/* Signals through a pidfd. -ESRCH: the process has ended. AS-safe. */
TINE_API int tine_signal(int pidfd, int signal);

/* Reaps if ended: 1 and *exit, else 0 at once. -ECHILD: not a child of this process, or reaped by someone else. AS-safe. */
TINE_API int tine_reap(int pidfd, struct tine_exit *exit);

/* Waits until one of n descriptors is readable, at most timeout_ms (-1: for ever). ready[i] is set to 0 or 1.
   Returns how many are ready, 0 on timeout or interruption. Not AS-safe. */
TINE_API int tine_wait_readable(const int32_t *fds, int32_t *ready, int n, int timeout_ms);

/* eventfd used to wake a waiter: create (owned by the caller), ring, and clear. AS-safe. */
TINE_API int tine_bell(void);
TINE_API int tine_bell_ring(int fd);
TINE_API int tine_bell_clear(int fd);

/* Kills and reaps a child that nobody else waits for; waits until it has ended. 0 or -errno. AS-safe. */
TINE_API int tine_discard(int pid);

/* The pid of a child that has ended and is not reaped yet, or 0; it stays so. AS-safe. */
TINE_API int tine_ended_child(void);

/* close(2). AS-safe. */
TINE_API int tine_close(int fd);

/* getpid(2), never cached. AS-safe. */
TINE_API int tine_getpid(void);

/* How many 64-bit random numbers a child is given to renew its generators with. */
#define TINE_ENTROPY 5

/* Fills memory from the kernel's generator, getrandom(2): at most 256 bytes, all or -errno. AS-safe. */
TINE_API int tine_random(void *bytes, int size);

/* strerror of an errno, into text. Not AS-safe. */
TINE_API int tine_error_text(int error, char *text, int size);

/* Sizes and offsets of the structs above in the order of layout.c; returns how many there are. AS-safe. */
TINE_API int tine_layout(int32_t *values, int capacity);

#if TINE_FAULTS
/* Test builds only: the next `skip`+1st pass of `stage` fails with `error` (> 0), or kills its process (error < 0: signal). */
TINE_API int tine_fault(int stage, int error, int skip);
#endif

/* ---- Programs: spawn/ ---- */

/* Steps of a spawn, in order. A failure names the step it happened in. */
enum tine_spawn_phase {
  TINE_SPAWN_CLONE = 0,
  TINE_SPAWN_SIGNALS,
  TINE_SPAWN_GROUP,        /* new session or process group */
  TINE_SPAWN_DESCRIPTORS,  /* item: the number in the child */
  TINE_SPAWN_TERMINAL,
  TINE_SPAWN_CGROUP,
  TINE_SPAWN_OOM_SCORE,
  TINE_SPAWN_NICE,
  TINE_SPAWN_LIMITS,       /* item: the resource */
  TINE_SPAWN_USER,         /* groups, group and user */
  TINE_SPAWN_DIRECTORY,
  TINE_SPAWN_DEATH_SIGNAL,
  TINE_SPAWN_EXEC          /* item: index of the program */
};

/* Which of the optional values of a request are meant. */
#define TINE_SPAWN_NEW_SESSION 0x1
#define TINE_SPAWN_SET_GROUP 0x2
#define TINE_SPAWN_SET_TERMINAL 0x4
#define TINE_SPAWN_SET_OOM_SCORE 0x8
#define TINE_SPAWN_SET_NICE 0x10
#define TINE_SPAWN_SET_UID 0x20
#define TINE_SPAWN_SET_GID 0x40
#define TINE_SPAWN_SET_GROUPS 0x80
#define TINE_SPAWN_SET_UMASK 0x100

#define TINE_SPAWN_PLACEMENTS_MAX 256

/* A descriptor of the caller's, and the number it has in the program. */
struct tine_placement {
  int32_t source;
  int32_t target;
};

/* A resource limit: RLIMIT_NOFILE and its like. */
struct tine_limit {
  int32_t resource;
  int32_t reserved;
  uint64_t soft; /* RLIM_INFINITY: ~0 */
  uint64_t hard;
};

/* A program to start: filled by the caller, read during the call only. Lists of strings end with NULL. */
struct tine_spawn_request {
  const char *const *programs;    /* paths, tried in order as execvp(3) does; relative ones are to the directory */
  const char **arguments;         /* [0] is left free for the call's own use; [1] is what the program calls itself */
  const char *const *environment; /* NULL: this process's */
  const char *directory;          /* NULL: this process's */
  const char *cgroup;             /* cgroup.procs of the control group (v2) to begin in; NULL: this process's */
  const struct tine_placement *placements; /* by ascending target; every other descriptor is closed */
  const uint32_t *groups;
  const struct tine_limit *limits;
  int32_t placement_count;
  int32_t group_count;
  int32_t limit_count;
  uint32_t options;      /* TINE_SPAWN_... */
  uint64_t kept_ignored; /* bits 1 << (signal - 1): stays ignored if this process ignores it; all others are default */
  int32_t group;         /* process group; 0: a new one */
  int32_t terminal;      /* number in the program of the session's controlling terminal */
  int32_t death_signal;  /* when the calling THREAD ends; 0: none. A set-user-id program loses it */
  int32_t oom_score_adj;
  int32_t nice;          /* -20 to 19 */
  uint32_t uid;
  uint32_t gid;
  uint32_t umask;
};

/* What came of a spawn. */
struct tine_spawn_result {
  int32_t pid;
  int32_t pidfd; /* close-on-exec, owned by the caller; -1: failed */
  int32_t phase; /* enum tine_spawn_phase, of a failure */
  int32_t error; /* 0 or errno */
  int32_t item;  /* what of the phase failed; of a success: index of the program that runs */
};

/*
 * Starts a program as a child of this process and waits until it runs; returns its pid, or -errno, and then no child and
 * no descriptor is left behind. The calling thread is blocked meanwhile, with all signals; others run on. The program has
 * an empty signal mask. Needs Linux 5.4. Any number of threads may call at a time. Not AS-safe.
 */
TINE_API int tine_spawn(const struct tine_spawn_request *request, struct tine_spawn_result *result);

/* ---- Streams and ends of children: stream/. Raw system calls: AS-safe, and the caller owns every descriptor. ---- */

/* What a poller heard: the key and the events (EPOLLIN, ...) of one descriptor. */
struct tine_event {
  uint64_t key;
  uint64_t events;
};

/* How a child ended, and what it used (with its own children that it waited for). Not its ru_maxrss: the kernel counts the
   memory it had before execve(2) in, which was that of this process. */
struct tine_child_exit {
  int32_t kind; /* as in struct tine_exit */
  int32_t value;
  int64_t user_us;
  int64_t system_us;
  int64_t minor_faults;
  int64_t major_faults;
  int64_t voluntary_switches;
  int64_t involuntary_switches;
};

/* open(2), close-on-exec. */
TINE_API int tine_open(const char *path, int flags, int mode);

/* pipe2(2), close-on-exec: [0] is read, [1] is written. */
TINE_API int tine_pipe(int fds[2]);

/* O_NONBLOCK of the description behind fd. */
TINE_API int tine_set_blocking(int fd, int blocking);

/* Another number for the same description, close-on-exec. */
TINE_API int tine_duplicate(int fd);

TINE_API int64_t tine_read(int fd, void *bytes, int64_t size);
TINE_API int64_t tine_write(int fd, const void *bytes, int64_t size);

/* epoll_create1(2), close-on-exec. */
TINE_API int tine_poller(void);

/* epoll_ctl(2). */
TINE_API int tine_poller_set(int poller, int operation, int fd, uint32_t events, uint64_t key);

/* epoll_wait(2) for at most timeout_ns, never less; -1: for ever, which may end after an hour. Hears at most 256. */
TINE_API int tine_poller_wait(int poller, struct tine_event *events, int capacity, int64_t timeout_ns);

/* As tine_reap(), with what the child used. */
TINE_API int tine_wait_child(int pidfd, struct tine_child_exit *exit);

/* kill(2): to a process, or to the group -pid. 0 or -errno. Only while the process, or the leader of the group, is not reaped:
   the number may be another's then. AS-safe. */
TINE_API int tine_kill(int pid, int signal);

/* Both ends of a pseudo-terminal, owned by the caller, close-on-exec. */
struct tine_terminal {
  int32_t user_fd;    /* where its user would sit */
  int32_t program_fd; /* what a program has for its terminal */
};

enum tine_terminal_mode {
  TINE_TERMINAL_COOKED = 0, /* lines, edited by the terminal; echo; Ctrl-C is a signal */
  TINE_TERMINAL_QUIET,      /* the same without echo */
  TINE_TERMINAL_RAW         /* bytes as they come */
};

/* Makes a terminal. */
TINE_API int tine_terminal(struct tine_terminal *terminal, int rows, int columns);

/* Sets the size, of which the programs in the foreground hear by SIGWINCH. */
TINE_API int tine_terminal_resize(int user_fd, int rows, int columns);

/* Sets the mode, through either end. */
TINE_API int tine_terminal_mode(int fd, int mode);

#endif
