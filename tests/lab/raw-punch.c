/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * raw-punch - a TCP hole punch with plain sockets and nothing of Knothole: simultaneous
 * open with a listener on the same port. It shows what the lab's routers allow.
 *
 *   raw-punch PORT SERVER SERVER-PORT TIMEOUT-MS
 *
 * Dials SERVER from PORT; the server answers with "ADDRESS PORT\n", the endpoint it
 * sees, which is printed. Reads the peer's from standard input in the same form, then
 * punches. Prints "connected MS via connect|accept, N refusals, rtt US" and exits 0, or
 * 1 when the time is over.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUND_TRIPS 3
/* How long to wait for an accept after connect() has said that the pair exists. */
#define PAIR_EXISTS_US 50000

static int64_t
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C (1000000) + now.tv_nsec / 1000;
}

static void
fail (const char *what)
{
  perror (what);
  exit (1);
}

static struct sockaddr_in
endpoint (const char *address, const char *port)
{
  struct sockaddr_in result
      = { .sin_family = AF_INET, .sin_port = htons ((uint16_t)atoi (port)) };

  if (inet_pton (AF_INET, address, &result.sin_addr) != 1)
    {
      fprintf (stderr, "raw-punch: %s is no address\n", address);
      exit (2);
    }
  return result;
}

/* Both options on every socket of the port, before bind: with SO_REUSEADDR alone Linux
 * refuses a port that has a listener. */
static int
open_socket (uint16_t port, int flags)
{
  int on = 1;
  struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

  if (fd < 0 || setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
      || setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0
      || setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0
      || bind (fd, (struct sockaddr *)&local, sizeof local) != 0)
    fail ("opening a socket");
  return fd;
}

/* Prints what the server sees. The connection stays, and with it the mapping. */
static void
ask_server (uint16_t port, struct sockaddr_in server)
{
  char seen[64];
  ssize_t n;
  int fd = open_socket (port, 0);

  if (connect (fd, (struct sockaddr *)&server, sizeof server) != 0)
    fail ("dialling the server");
  n = read (fd, seen, sizeof seen - 1);
  if (n <= 0)
    fail ("reading from the server");
  fwrite (seen, 1, (size_t)n, stdout);
  fflush (stdout);
}

static struct sockaddr_in
read_peer (void)
{
  char line[64], address[32], port[16];

  if (fgets (line, sizeof line, stdin) == NULL
      || sscanf (line, "%31s %15s", address, port) != 2)
    {
      fprintf (stderr, "raw-punch: no peer on standard input\n");
      exit (2);
    }
  return endpoint (address, port);
}

/* Begins a connect. 0 under way, otherwise errno. */
static int
dial (uint16_t port, struct sockaddr_in peer, int *fd)
{
  *fd = open_socket (port, SOCK_NONBLOCK);
  if (connect (*fd, (struct sockaddr *)&peer, sizeof peer) == 0 || errno == EINPROGRESS)
    return 0;
  return errno;
}

static int
socket_error (int fd)
{
  int error = 0;
  socklen_t len = sizeof error;

  getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &len);
  return error;
}

/* One connection to the peer, by whichever way it comes up; -1 at the deadline. A
 * refusal means that our hole is gone, so the next SYN leaves at once. */
static int
punch (uint16_t port, struct sockaddr_in peer, int64_t deadline_us, const char **how,
       int *n_refusals)
{
  int listener = open_socket (port, SOCK_NONBLOCK), dialling;
  int error = dial (port, peer, &dialling);

  if (listen (listener, 16) != 0)
    fail ("listening");
  for (;;)
    {
      int64_t left_us = deadline_us - now_us ();
      struct pollfd fds[2] = { { listener, POLLIN, 0 }, { dialling, POLLOUT, 0 } };
      int fd;

      if (left_us <= 0)
        return -1;
      if (error != 0 && left_us > PAIR_EXISTS_US)
        left_us = PAIR_EXISTS_US;
      poll (fds, error == 0 ? 2 : 1, (int)(left_us / 1000) + 1);

      *how = "accept";
      fd = accept (listener, NULL, NULL);
      if (fd >= 0)
        return fd;
      if (error == 0 && fds[1].revents == 0)
        continue;

      *how = "connect";
      if (error == 0 && socket_error (dialling) == 0)
        return dialling;
      *n_refusals += error == 0;
      close (dialling);
      error = dial (port, peer, &dialling);
    }
}

/* Each side sends '?' ROUND_TRIPS times, one after the other, and answers '!' to the
 * other's. Returns the shortest round trip in microseconds. */
static int64_t
measure_round_trip (int fd)
{
  int n_asked = 0, n_answered = 0, n_heard = 0;
  int64_t asked_at_us = 0, shortest_us = INT64_MAX;
  char byte;

  /* Connections that connect() made are non-blocking, those of accept() not. */
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) & ~O_NONBLOCK);
  while (n_heard < ROUND_TRIPS || n_answered < ROUND_TRIPS)
    {
      if (n_asked == n_heard && n_asked < ROUND_TRIPS)
        {
          asked_at_us = now_us ();
          n_asked++;
          if (write (fd, "?", 1) != 1)
            fail ("writing");
        }
      if (read (fd, &byte, 1) != 1)
        fail ("reading");
      if (byte == '!')
        {
          n_heard++;
          if (now_us () - asked_at_us < shortest_us)
            shortest_us = now_us () - asked_at_us;
        }
      else if (byte == '?')
        {
          n_answered++;
          if (write (fd, "!", 1) != 1)
            fail ("writing");
        }
    }
  return shortest_us;
}

int
main (int argc, char *argv[])
{
  struct sockaddr_in peer;
  uint16_t port;
  int64_t start_us, connected_us;
  const char *how;
  int fd, n_refusals = 0;

  if (argc != 5)
    {
      fprintf (stderr, "usage: raw-punch PORT SERVER SERVER-PORT TIMEOUT-MS\n");
      return 2;
    }
  port = (uint16_t)atoi (argv[1]);
  ask_server (port, endpoint (argv[2], argv[3]));
  peer = read_peer ();

  start_us = now_us ();
  fd = punch (port, peer, start_us + atoi (argv[4]) * INT64_C (1000), &how, &n_refusals);
  if (fd < 0)
    {
      printf ("failed, %d refusals\n", n_refusals);
      return 1;
    }
  connected_us = now_us () - start_us;
  printf ("connected %d via %s, %d refusals, rtt %d\n", (int)(connected_us / 1000), how,
          n_refusals, (int)measure_round_trip (fd));
  return 0;
}
