/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/service.h"
#include "server/own-address.h"
#include "server/assist.h"
#include "server/connection.h"
#include "server/dial-back.h"
#include "server/listener.h"
#include "server/own-process.h"
#include "server/relay.h"
#include "server/standard-input.h"

#include <sodium.h>
#include <stdio.h>

/* Kept free for files, look-ups and what libuv opens. */
#define SPARE_DESCRIPTORS 64
#define HANDSHAKE_SLOTS 4096
/* The last bytes to the clients get this long. */
#define ENDING_MS 300

gint64
kh_service_now (void)
{
  return (gint64)(uv_hrtime () / 1000);
}

void
kh_service_debug (const KhService *self, const char *format, ...)
{
  va_list arguments;

  if (!self->options->verbose)
    return;
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
}

void
kh_service_allocate (uv_handle_t *handle, G_GNUC_UNUSED size_t suggested,
                     uv_buf_t *buffer)
{
  KhService *self = handle->loop->data;

  *buffer = uv_buf_init (self->read_buffer, sizeof self->read_buffer);
}

KhEndpoint
kh_service_endpoint_of (const struct sockaddr *address)
{
  const struct sockaddr_in *v4 = (const void *)address;
  const struct sockaddr_in6 *v6 = (const void *)address;

  if (address->sa_family == AF_INET)
    return kh_endpoint_v4 ((const guint8 *)&v4->sin_addr, ntohs (v4->sin_port));
  if (address->sa_family == AF_INET6)
    return kh_endpoint_v6 ((const guint8 *)&v6->sin6_addr, ntohs (v6->sin6_port));
  return (KhEndpoint){ 0 };
}

KhEndpoint
kh_service_remote_of (const uv_tcp_t *tcp)
{
  struct sockaddr_storage address = { 0 };
  int len = sizeof address;

  if (uv_tcp_getpeername (tcp, (struct sockaddr *)&address, &len) != 0)
    return (KhEndpoint){ 0 };
  return kh_service_endpoint_of ((struct sockaddr *)&address);
}

KhEndpoint
kh_service_local_of (const uv_tcp_t *tcp)
{
  struct sockaddr_storage address = { 0 };
  int len = sizeof address;

  if (uv_tcp_getsockname (tcp, (struct sockaddr *)&address, &len) != 0)
    return (KhEndpoint){ 0 };
  return kh_service_endpoint_of ((struct sockaddr *)&address);
}

gboolean
kh_service_has_room (const KhService *self)
{
  return self->n_open < self->open_max;
}

static void
say_traffic (const KhService *self)
{
  fprintf (stderr,
           "carried %" G_GUINT64_FORMAT " bytes in, %" G_GUINT64_FORMAT
           " bytes out on main ports, %" G_GUINT64_FORMAT " bytes in, %" G_GUINT64_FORMAT
           " bytes out on assist ports\n",
           self->traffic_main.bytes_in, self->traffic_main.bytes_out,
           self->traffic_assist.bytes_in, self->traffic_assist.bytes_out);
}

void
kh_service_say_statistics (const KhService *self)
{
  KhDirectoryStats stats = kh_directory_stats (self->directory);

  fprintf (stderr,
           "%u clients, %u rooms, %u calls now, %" G_GUINT64_FORMAT " calls in all, %u "
           "connections, %" G_GUINT64_FORMAT " messages dropped\n",
           stats.n_clients, stats.n_rooms, stats.n_calls, stats.n_calls_ever,
           self->n_open, stats.n_dropped_messages);
  fprintf (stderr,
           "%u relays now, %" G_GUINT64_FORMAT " in all, %" G_GUINT64_FORMAT
           " bytes relayed\n",
           stats.n_relays, stats.n_relays_ever, stats.n_relayed_bytes);
  say_traffic (self);
}

static void on_timer (uv_timer_t *timer);

/* The timer is moved only when it would fire too late: most inputs make the deadline
 * later, and it finds that out by itself. */
static void
arm_timer (KhService *self)
{
  gint64 now_us = kh_service_now ();
  gint64 at_us = kh_directory_deadline (self->directory);

  at_us = MIN (at_us, kh_admission_deadline (&self->half_open));
  at_us = MIN (at_us, kh_admission_deadline (&self->assist_half_open));
  at_us = MIN (at_us, kh_assist_deadline (self));
  at_us = MIN (at_us, kh_connection_deadline (self));
  at_us = MIN (at_us, kh_dial_back_deadline (self));
  if (at_us >= self->timer_at_us || self->ending)
    return;
  self->timer_at_us = at_us;
  /* Rounded up, so that what is due is due when it fires. */
  uv_timer_start (&self->timer, on_timer,
                  at_us > now_us ? (guint64)(at_us - now_us + 999) / 1000 : 0, 0);
}

static void
on_timer (uv_timer_t *timer)
{
  KhService *self = timer->data;

  self->timer_at_us = G_MAXINT64;
  if (self->ending)
    {
      uv_stop (&self->loop);
      return;
    }
  kh_connection_expire (self);
  kh_assist_expire (self);
  kh_dial_back_expire (self);
  kh_directory_tick (self->directory, kh_service_now ());
  kh_service_pump (self);
}

static void
end_handle (KhService *self, guint32 handle)
{
  kh_assist_end (self, handle);
  kh_dial_back_end (self, handle);
}

/* Whether there may be more to send. */
static gboolean
take_events (KhService *self)
{
  KhDirectoryEvent event;
  gboolean more = FALSE;

  while (kh_directory_next_event (self->directory, &event))
    switch (event.type)
      {
      case KH_DIRECTORY_DROP:
        if (self->by_client[event.client] != NULL)
          kh_connection_leave (self->by_client[event.client]);
        break;
      case KH_DIRECTORY_ENDED:
        end_handle (self, event.handle);
        break;
      case KH_DIRECTORY_DIAL:
        more |= !kh_dial_back_begin (self, &event);
        break;
      case KH_DIRECTORY_RELAY_ENDED:
        kh_relay_end (self, event.relay);
        break;
      }
  sodium_memzero (&event, sizeof event);
  return more;
}

void
kh_service_pump (KhService *self)
{
  guint32 client;
  const guint8 *bytes;
  gsize len;
  gboolean more;

  do
    {
      while (kh_directory_next_send (self->directory, &client, &bytes, &len))
        if (self->by_client[client] != NULL)
          kh_connection_send (self->by_client[client], bytes, len);
      more = take_events (self);
      more |= kh_connection_end_failed (self);
    }
  while (more);
  arm_timer (self);
}

void
kh_service_end (KhService *self)
{
  if (self->ending)
    return;
  self->ending = TRUE;
  kh_listener_close_all (self);
  kh_connection_refuse_all (self, KH_REFUSED_SHUTTING_DOWN);
  kh_assist_close_all (self);
  kh_dial_back_close_all (self);
  kh_relay_close_all (self);
  uv_timer_start (&self->timer, on_timer, ENDING_MS, 0);
  uv_unref ((uv_handle_t *)&self->timer);
}

static void
make_directory (KhService *self)
{
  gsize size = kh_directory_size (&self->options->directory);
  guint8 key[KH_DIRECTORY_KEY_LEN];

  /* calloc() takes big blocks from the kernel, where untouched pages cost nothing. */
  self->directory = kh_directory_init (g_malloc0 (size), &self->options->directory,
                                       (randombytes_buf (key, sizeof key), key));
  sodium_memzero (key, sizeof key);
}

gboolean
kh_service_start (KhService *self, const KhOptions *options, const KhKeyPair *key,
                  GError **error)
{
  const KhRateLimit handshakes = kh_rate_limit_new (
      options->handshakes_per_second, G_USEC_PER_SEC, options->handshakes_per_second);
  guint8 hash_key[KH_RATE_LIMIT_KEY_LEN];
  guint n_descriptors = kh_own_process_raise_descriptor_limit ();

  self->options = options;
  self->key = *key;
  self->timer_at_us = G_MAXINT64;
  self->open_max
      = n_descriptors > 2 * SPARE_DESCRIPTORS ? n_descriptors - SPARE_DESCRIPTORS : 32;
  kh_admission_init (&self->half_open, options->half_open_max,
                     options->half_open_per_network, options->login_us);
  kh_admission_init (&self->assist_half_open, options->half_open_max,
                     options->half_open_per_network, options->assist_token_us);
  randombytes_buf (hash_key, sizeof hash_key);
  self->handshake_slots = g_new0 (KhRateSlot, HANDSHAKE_SLOTS);
  kh_rate_limit_table_init (&self->handshakes, self->handshake_slots, HANDSHAKE_SLOTS,
                            &handshakes, hash_key);
  make_directory (self);
  kh_connection_make_table (self);
  kh_assist_make_table (self);
  kh_dial_back_make_table (self);
  kh_relay_make_table (self);
  kh_own_address_resolve_public (self);

  uv_loop_init (&self->loop);
  self->loop.data = self;
  uv_timer_init (&self->loop, &self->timer);
  self->timer.data = self;
  kh_own_process_watch_ends (self);
  if (options->until_eof && !kh_standard_input_watch (self, error))
    return FALSE;
  return kh_listener_open_all (self, error);
}

void
kh_service_run (KhService *self)
{
  uv_run (&self->loop, UV_RUN_DEFAULT);
  kh_own_process_ignore_ends ();
  say_traffic (self);
}

static void
close_handle (uv_handle_t *handle, G_GNUC_UNUSED void *unused)
{
  if (!uv_is_closing (handle))
    uv_close (handle, NULL);
}

void
kh_service_clear (KhService *self)
{
  self->ending = TRUE;
  uv_walk (&self->loop, close_handle, NULL);
  uv_run (&self->loop, UV_RUN_DEFAULT);
  uv_loop_close (&self->loop);
  kh_connection_clear_table (self);
  kh_directory_clear (self->directory);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->listeners, g_free);
  g_clear_pointer (&self->assists_memory, g_free);
  g_clear_pointer (&self->dials_memory, g_free);
  g_clear_pointer (&self->relays, g_free);
  g_clear_pointer (&self->handshake_slots, g_free);
  kh_admission_clear (&self->half_open);
  kh_admission_clear (&self->assist_half_open);
  kh_noise_key_pair_clear (&self->key);
}
