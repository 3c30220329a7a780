/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pump - the smallest honest file mover, as a yardstick: what this machine's kernel
 * and libsodium allow with no protocol at all.
 *
 *   pump recv CIPHER PORT FILE
 *   pump send CIPHER HOST PORT FILE
 *
 * CIPHER is chachapoly or aesgcm. One thread a side: read, seal 64 KiB, write; and
 * the same backwards. The key is fixed, nobody is authenticated. The receiver takes
 * one sender; the sender ends when the receiver has written everything.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX 65536
#define HEADER_LEN 4
#define TAG_LEN 16
#define NONCE_LEN 12
#define SEALED_MAX (HEADER_LEN + FRAME_MAX + TAG_LEN)

/* So much is read from the socket at once. */
#define BUFFER_LEN (4 * SEALED_MAX)

typedef struct
{
  bool aes;
  uint8_t key[32];
  uint64_t n_frames;
  crypto_aead_aes256gcm_state expanded;
} Cipher;

static void
die (const char *what)
{
  perror (what);
  exit (1);
}

static void
write_all (int fd, const uint8_t *bytes, size_t len)
{
  while (len > 0)
    {
      ssize_t n = write (fd, bytes, len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        die ("write");
      bytes += n;
      len -= (size_t)n;
    }
}

/* As much as there is, up to @len. */
static size_t
read_some (int fd, uint8_t *to, size_t len)
{
  ssize_t n;

  do
    n = read (fd, to, len);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    die ("read");
  return (size_t)n;
}

static void
init_cipher (Cipher *cipher, const char *name)
{
  cipher->aes = strcmp (name, "aesgcm") == 0;
  if (cipher->aes && !crypto_aead_aes256gcm_is_available ())
    exit (3);
  memset (cipher->key, 1, sizeof cipher->key);
  if (cipher->aes)
    crypto_aead_aes256gcm_beforenm (&cipher->expanded, cipher->key);
}

static void
next_nonce (Cipher *cipher, uint8_t nonce[NONCE_LEN])
{
  memset (nonce, 0, NONCE_LEN);
  memcpy (nonce + 4, &cipher->n_frames, sizeof cipher->n_frames);
  cipher->n_frames++;
}

static size_t
seal (Cipher *cipher, uint8_t *to, const uint8_t *bytes, size_t len)
{
  uint8_t nonce[NONCE_LEN];
  uint32_t header = htonl ((uint32_t)(len + TAG_LEN));

  next_nonce (cipher, nonce);
  memcpy (to, &header, HEADER_LEN);
  if (cipher->aes)
    crypto_aead_aes256gcm_encrypt_afternm (to + HEADER_LEN, NULL, bytes, len, NULL, 0,
                                           NULL, nonce, &cipher->expanded);
  else
    crypto_aead_chacha20poly1305_ietf_encrypt (to + HEADER_LEN, NULL, bytes, len, NULL, 0,
                                               NULL, nonce, cipher->key);
  return HEADER_LEN + len + TAG_LEN;
}

static size_t
open_sealed (Cipher *cipher, uint8_t *to, const uint8_t *sealed, size_t len)
{
  uint8_t nonce[NONCE_LEN];
  int failed;

  next_nonce (cipher, nonce);
  if (cipher->aes)
    failed = crypto_aead_aes256gcm_decrypt_afternm (to, NULL, NULL, sealed, len, NULL, 0,
                                                    nonce, &cipher->expanded);
  else
    failed = crypto_aead_chacha20poly1305_ietf_decrypt (to, NULL, NULL, sealed, len, NULL,
                                                        0, nonce, cipher->key);
  if (failed)
    {
      fprintf (stderr, "bad frame\n");
      exit (1);
    }
  return len - TAG_LEN;
}

/* Writes the whole frames of @len sealed bytes to @fd; returns how many were used. */
static size_t
take_frames (Cipher *cipher, int fd, const uint8_t *sealed, size_t len)
{
  static uint8_t plain[FRAME_MAX];
  size_t at = 0;

  while (len - at >= HEADER_LEN)
    {
      uint32_t header;
      size_t frame_len;

      memcpy (&header, sealed + at, HEADER_LEN);
      frame_len = ntohl (header);
      if (frame_len > FRAME_MAX + TAG_LEN)
        exit (1);
      if (len - at < HEADER_LEN + frame_len)
        break;
      write_all (fd, plain,
                 open_sealed (cipher, plain, sealed + at + HEADER_LEN, frame_len));
      at += HEADER_LEN + frame_len;
    }
  return at;
}

static int
receive_file (Cipher *cipher, const char *port, const char *path)
{
  static uint8_t sealed[BUFFER_LEN];
  const int yes = 1;
  struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons (atoi (port)) };
  int listener = socket (AF_INET, SOCK_STREAM, 0);
  int connection, file;
  size_t have = 0, n;

  setsockopt (listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind (listener, (struct sockaddr *)&here, sizeof here) < 0
      || listen (listener, 1) < 0)
    die ("listen");
  connection = accept (listener, NULL, NULL);
  file = open (path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (connection < 0 || file < 0)
    die (path);

  while ((n = read_some (connection, sealed + have, sizeof sealed - have)) > 0)
    {
      size_t used = take_frames (cipher, file, sealed, have += n);

      memmove (sealed, sealed + used, have -= used);
    }
  return have != 0;
}

static int
send_file (Cipher *cipher, const char *host, const char *port, const char *path)
{
  static uint8_t plain[FRAME_MAX], sealed[SEALED_MAX];
  const int yes = 1;
  struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons (atoi (port)) };
  int connection = socket (AF_INET, SOCK_STREAM, 0);
  int file = open (path, O_RDONLY);
  size_t len;

  if (file < 0)
    die (path);
  if (inet_pton (AF_INET, host, &there.sin_addr) != 1
      || connect (connection, (struct sockaddr *)&there, sizeof there) < 0)
    die (host);
  setsockopt (connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  while ((len = read_some (file, plain, sizeof plain)) > 0)
    write_all (connection, sealed, seal (cipher, sealed, plain, len));

  shutdown (connection, SHUT_WR);
  while (read_some (connection, plain, 1) > 0)
    ;
  return 0;
}

int
main (int argc, char *argv[])
{
  Cipher cipher = { 0 };

  if (argc < 5 || sodium_init () < 0)
    return 2;
  init_cipher (&cipher, argv[2]);
  if (argc == 5 && strcmp (argv[1], "recv") == 0)
    return receive_file (&cipher, argv[3], argv[4]);
  if (argc == 6 && strcmp (argv[1], "send") == 0)
    return send_file (&cipher, argv[3], argv[4], argv[5]);
  return 2;
}
