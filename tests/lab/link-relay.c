/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * link-relay - an access link of the NAT lab: carries packets between two network
 * interfaces with a delay, and, where asked, a loss, a rate and a tail-drop queue.
 * Each direction has its own. It translates nothing.
 *
 *   link-relay NEAR FAR DELAY-US LOSS-PERCENT RATE-BIT/S QUEUE-BYTES SEED
 *
 * NEAR and FAR are the ends of two veth pairs in this network namespace, which has no
 * addresses. Packet sockets rather than TAP devices: they need no /dev/net/tun, which
 * an ordinary user may be refused, and move many packets with one system call.
 * Prints "ready" once it carries packets; runs until it is killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 32
/* An unsegmented run of packets (64 KiB), its headers and the virtio header. */
#define PACKET_MAX (65536 + 256)
/* Room in the kernel for packets that came while this process was not running: at
 * 1 Gbit/s, 60 ms. */
#define RECEIVE_BUFFER (8 * 1024 * 1024)
#define NS_PER_S INT64_C (1000000000)
#define NEVER INT64_MAX

typedef struct packet Packet;
struct packet
{
  Packet *next;
  int64_t leaves_at_ns;
  size_t len;
  uint8_t bytes[];
};

typedef struct
{
  /* How it behaves */
  int64_t delay_ns;
  double loss; /* 0 to 1 */
  int64_t rate_bps;
  int64_t queue_max; /* bytes */

  /* State */
  int from_fd;
  int to_fd;
  uint64_t random;
  int64_t wire_free_at_ns; /* when the last queued byte is on the wire */
  Packet *first;
  Packet **end;
} Direction;

static uint8_t incoming[BATCH][PACKET_MAX];

static void
fail (const char *what, const char *on)
{
  fprintf (stderr, "link-relay: %s %s: %s\n", what, on, strerror (errno));
  exit (1);
}

static int64_t
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* splitmix64: a number from 0 to below 1. */
static double
next_random (uint64_t *state)
{
  uint64_t z = (*state += UINT64_C (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static int
open_interface (const char *name)
{
  int on = 1, size = RECEIVE_BUFFER;
  struct sockaddr_ll address = { .sll_family = AF_PACKET,
                                 .sll_protocol = htons (ETH_P_ALL),
                                 .sll_ifindex = (int)if_nametoindex (name) };
  /* Protocol 0 receives nothing until bind() names the interface. */
  int fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0 || address.sll_ifindex == 0)
    fail ("opening", name);
  if (setsockopt (fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0
      || setsockopt (fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0)
    fail ("setting options on", name);
  /* Only root may go past net.core.rmem_max. */
  if (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (setsockopt (fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
    setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) != 0)
    fail ("binding to", name);
  return fd;
}

/* When a packet of @len bytes that comes now is wholly on the wire, or NEVER when the
 * queue has no room for it. */
static int64_t
pass_bottleneck (Direction *self, int64_t now, size_t len)
{
  int64_t start_ns, waiting_bytes;

  if (self->rate_bps == 0)
    return now;

  start_ns = self->wire_free_at_ns > now ? self->wire_free_at_ns : now;
  waiting_bytes = (int64_t)((double)(start_ns - now) * (double)self->rate_bps / 8e9);
  if (waiting_bytes + (int64_t)len > self->queue_max)
    return NEVER;
  self->wire_free_at_ns
      = start_ns + (int64_t)((double)len * 8e9 / (double)self->rate_bps);
  return self->wire_free_at_ns;
}

static void
enqueue (Direction *self, int64_t now, const uint8_t *bytes, size_t len)
{
  int64_t on_wire_at_ns;
  Packet *packet;

  on_wire_at_ns = pass_bottleneck (self, now, len - sizeof (struct virtio_net_hdr));
  if (on_wire_at_ns == NEVER)
    return;
  if (self->loss > 0 && next_random (&self->random) < self->loss)
    return;

  packet = malloc (sizeof *packet + len);
  if (packet == NULL)
    return;
  packet->next = NULL;
  packet->leaves_at_ns = on_wire_at_ns + self->delay_ns;
  packet->len = len;
  memcpy (packet->bytes, bytes, len);
  *self->end = packet;
  self->end = &packet->next;
}

/* Takes at most one batch, so that sending gets its turn. */
static void
receive_batch (Direction *self)
{
  struct mmsghdr messages[BATCH] = { 0 };
  struct iovec parts[BATCH];
  int64_t now;
  int n;

  for (int i = 0; i < BATCH; i++)
    {
      parts[i] = (struct iovec){ incoming[i], PACKET_MAX };
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  n = recvmmsg (self->from_fd, messages, BATCH, MSG_DONTWAIT, NULL);
  now = now_ns ();
  for (int i = 0; i < n; i++)
    if (messages[i].msg_len > sizeof (struct virtio_net_hdr)
        && !(messages[i].msg_hdr.msg_flags & MSG_TRUNC))
      enqueue (self, now, incoming[i], messages[i].msg_len);
}

static void
drop_first (Direction *self)
{
  Packet *packet = self->first;

  self->first = packet->next;
  if (self->first == NULL)
    self->end = &self->first;
  free (packet);
}

/* Sends what is due, at most one batch; false when nothing more is due. */
static bool
send_batch (Direction *self, int64_t now)
{
  struct mmsghdr messages[BATCH] = { 0 };
  struct iovec parts[BATCH];
  Packet *packet = self->first;
  int n = 0, sent;

  for (; n < BATCH && packet != NULL && packet->leaves_at_ns <= now; n++)
    {
      parts[n] = (struct iovec){ packet->bytes, packet->len };
      messages[n].msg_hdr.msg_iov = &parts[n];
      messages[n].msg_hdr.msg_iovlen = 1;
      packet = packet->next;
    }
  if (n == 0)
    return false;

  /* A packet that the interface refuses (it is down, or full) is lost, as on a wire. */
  sent = sendmmsg (self->to_fd, messages, (unsigned)n, 0);
  for (int i = 0; i < (sent > 0 ? sent : 1); i++)
    drop_first (self);
  return true;
}

static void
wait_for_work (const Direction directions[2])
{
  struct pollfd fds[2];
  struct timespec timeout;
  int64_t next_ns = NEVER, left_ns;

  for (int i = 0; i < 2; i++)
    {
      fds[i] = (struct pollfd){ directions[i].from_fd, POLLIN, 0 };
      if (directions[i].first != NULL && directions[i].first->leaves_at_ns < next_ns)
        next_ns = directions[i].first->leaves_at_ns;
    }
  left_ns = next_ns == NEVER ? NEVER : next_ns - now_ns ();
  if (left_ns < 0)
    left_ns = 0;
  timeout = (struct timespec){ left_ns / NS_PER_S, left_ns % NS_PER_S };
  ppoll (fds, 2, next_ns == NEVER ? NULL : &timeout, NULL);
}

static void
carry (Direction directions[2])
{
  for (;;)
    {
      wait_for_work (directions);
      for (int i = 0; i < 2; i++)
        {
          receive_batch (&directions[i]);
          while (send_batch (&directions[i], now_ns ()))
            ;
        }
    }
}

int
main (int argc, char *argv[])
{
  Direction directions[2];
  int near, far;

  if (argc != 8)
    {
      fprintf (stderr, "usage: link-relay NEAR FAR DELAY-US LOSS-PERCENT RATE-BIT/S "
                       "QUEUE-BYTES SEED\n");
      return 2;
    }
  prctl (PR_SET_TIMERSLACK, 1UL); /* the usual 50 us would be jitter */

  near = open_interface (argv[1]);
  far = open_interface (argv[2]);
  for (int i = 0; i < 2; i++)
    {
      directions[i] = (Direction){
        .delay_ns = strtoll (argv[3], NULL, 10) * 1000,
        .loss = strtod (argv[4], NULL) / 100,
        .rate_bps = strtoll (argv[5], NULL, 10),
        .queue_max = strtoll (argv[6], NULL, 10),
        .from_fd = i == 0 ? near : far,
        .to_fd = i == 0 ? far : near,
        .random = strtoull (argv[7], NULL, 10) * 2 + (uint64_t)i,
      };
      directions[i].end = &directions[i].first;
    }
  puts ("ready");
  fflush (stdout);
  carry (directions);
}
