/* UNIX connections with both ends in this process; java.nio's file watcher wakes its thread through one. */
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "raw.h"
#include "survey/parts.h"

/* From so many on, all sockets of the machine are asked for in one go: for each question the kernel walks them all. */
#define MANY 16

static uint64_t key_of(uint64_t device, uint64_t inode) { return tine__mix(device, inode); }

static int is_unix_connection(const struct tine__descriptor *d) {
  return (d->kind == TINE_KIND_CONNECTION || d->kind == TINE_KIND_SOCKET_PAIR) && d->socket.domain == AF_UNIX;
}

static void learn(struct tine__survey *survey, uint64_t device, const struct nlmsghdr *header) {
  const struct unix_diag_msg *message = (const struct unix_diag_msg *)(header + 1);
  uint32_t peer = 0, shut = 0;
  const char *end = (const char *)header + header->nlmsg_len;
  for (const char *at = (const char *)message + NLMSG_ALIGN(sizeof *message); at + sizeof(struct nlattr) <= end;) {
    const struct nlattr *attribute = (const struct nlattr *)at;
    if (attribute->nla_type == UNIX_DIAG_PEER) peer = *(const uint32_t *)(attribute + 1);
    if (attribute->nla_type == UNIX_DIAG_SHUTDOWN) shut = *(const uint8_t *)(attribute + 1);
    if (attribute->nla_len == 0) break;
    at += NLA_ALIGN(attribute->nla_len);
  }
  uint64_t key = key_of(device, message->udiag_ino);
  for (struct tine__descriptor *d = tine__with_key(survey, key); d != NULL; d = tine__next_with_key(survey, d)) {
    if (!is_unix_connection(d)) continue;
    d->socket.peer = peer;
    d->socket.shutdown = shut;
  }
}

/* Asks sock_diag(7) for one socket, or for all (inode 0). What cannot be known is taken to be elsewhere. */
static void ask(struct tine__survey *survey, long netlink, uint64_t device, uint64_t inode) {
  struct {
    struct nlmsghdr header;
    struct unix_diag_req body;
  } request = {
      .header = {.nlmsg_len = sizeof request,
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST | (inode == 0 ? NLM_F_DUMP : 0)},
      .body = {.sdiag_family = AF_UNIX,
               .udiag_states = ~0u,
               .udiag_ino = (uint32_t)inode,
               .udiag_show = UDIAG_SHOW_PEER,
               .udiag_cookie = {~0u, ~0u}},
  };
  static union {
    struct nlmsghdr header;
    char bytes[32768];
  } answer;
  if (raw6(SYS_sendto, netlink, &request, sizeof request, 0, 0, 0) < 0) return;
  for (;;) {
    /* Answered within sendto, and a dump piece by piece within recvfrom: there is nothing to wait for. */
    long n = raw6(SYS_recvfrom, netlink, &answer, sizeof answer, MSG_DONTWAIT, 0, 0);
    if (n <= 0) return;
    const struct nlmsghdr *header = &answer.header;
    for (; NLMSG_OK(header, (unsigned)n); header = NLMSG_NEXT(header, n)) {
      if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) return; /* NLMSG_DONE, NLMSG_ERROR */
      learn(survey, device, header);
    }
    if (inode != 0) return;
  }
}

void tine__pairs_find(struct tine__survey *survey) {
  uint32_t count = 0;
  uint64_t device = 0;
  for (uint32_t i = 0; i < survey->count; i++) {
    const struct tine__descriptor *d = &survey->descriptors[i];
    if (!is_unix_connection(d) || d->original >= 0) continue;
    device = d->device;
    count++;
  }
  if (count == 0) return;
  long netlink = raw3(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0) return;
  if (count >= MANY) {
    ask(survey, netlink, device, 0);
  } else {
    for (uint32_t i = 0; i < survey->count; i++) {
      const struct tine__descriptor *d = &survey->descriptors[i];
      if (is_unix_connection(d) && d->original < 0 && d->socket.peer == 0)
        ask(survey, netlink, device, d->inode);
    }
  }
  raw1(SYS_close, netlink);
  for (uint32_t i = 0; i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    if (!is_unix_connection(d) || d->socket.peer == 0) continue;
    const struct tine__descriptor *peer = tine__with_key(survey, key_of(d->device, d->socket.peer));
    /* A datagram socket may send to one that sends elsewhere, or to anyone. */
    if (peer == NULL || !is_unix_connection(peer) || peer->socket.peer != d->inode) continue;
    d->kind = TINE_KIND_SOCKET_PAIR;
    /* If one end stays shared, the other is the parent's too: what is written to it must arrive there once. */
    if (d->fate != TINE__SHARED && peer->fate != TINE__SHARED) d->fate = TINE__OWN;
  }
}
