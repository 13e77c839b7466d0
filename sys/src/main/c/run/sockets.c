/* The connections of this machine, as ss(8) sees them. */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tine.h"

/* As the kernel numbers them: netinet/tcp.h has them too, and cannot be included beside linux/tcp.h. */
enum { ESTABLISHED = 1, CLOSE_WAIT = 8, LISTEN = 10 };

struct listing {
  const uint16_t *ports;
  int port_count;
  struct tine_connection *list;
  int capacity, count;
};

static int is_meant(const struct listing *listing, uint16_t port) {
  for (int i = 0; i < listing->port_count; i++)
    if (listing->ports[i] == port) return 1;
  return 0;
}

static void add(struct listing *listing, const struct nlmsghdr *header) {
  const struct inet_diag_msg *socket = NLMSG_DATA(header);
  if (header->nlmsg_len < NLMSG_LENGTH(sizeof *socket) || !is_meant(listing, ntohs(socket->id.idiag_sport))) return;
  if (listing->count++ >= listing->capacity) return;
  struct tine_connection *c = &listing->list[listing->count - 1];
  memset(c, 0, sizeof *c);
  c->state = socket->idiag_state;
  c->family = socket->idiag_family;
  c->local_port = ntohs(socket->id.idiag_sport);
  c->remote_port = ntohs(socket->id.idiag_dport);
  c->unread = socket->idiag_rqueue;
  c->unsent = socket->idiag_wqueue;
  c->inode = socket->idiag_inode;
  memcpy(c->remote, socket->id.idiag_dst, sizeof c->remote);
  int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof *socket));
  const struct rtattr *attribute = (const void *)((const char *)socket + NLMSG_ALIGN(sizeof *socket));
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type != INET_DIAG_INFO) continue;
    struct tcp_info info = {0};
    size_t size = RTA_PAYLOAD(attribute); /* grows with the kernel's version */
    memcpy(&info, RTA_DATA(attribute), size < sizeof info ? size : sizeof info);
    c->received_ms = info.tcpi_last_data_recv;
    c->sent_ms = info.tcpi_last_data_sent;
    c->received = info.tcpi_bytes_received;
    c->has_sent = info.tcpi_data_segs_out > 0;
  }
}

static int ask(int fd, int family) {
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .body = {.sdiag_family = (uint8_t)family,
               .sdiag_protocol = IPPROTO_TCP,
               .idiag_ext = 1 << (INET_DIAG_INFO - 1),
               .idiag_states = 1 << ESTABLISHED | 1 << CLOSE_WAIT | 1 << LISTEN},
  };
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t n = sendto(fd, &request, sizeof request, 0, (struct sockaddr *)&kernel, sizeof kernel);
  return n < 0 ? -errno : 0;
}

/* Reads one datagram. 1: it was the last, 0, or -errno. */
static int read_some(int fd, struct listing *listing) {
  _Alignas(struct nlmsghdr) char buffer[32768];
  ssize_t n;
  do n = recv(fd, buffer, sizeof buffer, 0);
  while (n < 0 && errno == EINTR);
  if (n <= 0) return n < 0 ? -errno : -EPROTO;
  unsigned left = (unsigned)n;
  for (const struct nlmsghdr *header = (const void *)buffer; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
    if (header->nlmsg_type == NLMSG_DONE) return 1;
    if (header->nlmsg_type == NLMSG_ERROR) {
      const struct nlmsgerr *error = NLMSG_DATA(header);
      return error->error < 0 ? error->error : -EPROTO;
    }
    add(listing, header);
  }
  return 0;
}

static int list_family(struct listing *listing, int family) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return -errno;
  int error = ask(fd, family);
  while (error == 0) error = read_some(fd, listing);
  close(fd);
  return error < 0 ? error : 0;
}

int tine_connections(const uint16_t *ports, int port_count, struct tine_connection *list, int capacity) {
  struct listing listing = {.ports = ports, .port_count = port_count, .list = list, .capacity = capacity};
  int error = list_family(&listing, AF_INET);
  if (error == 0) error = list_family(&listing, AF_INET6);
  return error < 0 ? error : listing.count;
}
