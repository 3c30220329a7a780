/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/relay.h"
#include "server/listener.h"
#include "server/sockets.h"

#include <string.h>

/* So much of a second may be carried at once, after a rest. */
#define BURST_US 50000
/* And a read is a twentieth of what a second may carry, as far as that makes sense. */
#define READS_PER_SECOND 20
#define READ_LEN_MIN 1024
/* Unsent bytes that the kernel keeps for a connection: those of a file are ahead of a
 * message. */
#define KERNEL_UNSENT_LEN 65536

typedef struct _Relay Relay;

typedef struct
{
  Relay *relay; /* borrowed */
  uv_tcp_t tcp; /* data: this */
  uv_shutdown_t shutdown;
  gboolean is_open;
  gboolean is_reading;
  gboolean has_ended; /* nothing more comes from it */
  gboolean is_shut;   /* and it was told that nothing more comes */
} End;

struct _Relay
{
  guint32 number; /* the directory's; 0: it is being closed */
  guint n_handles;
  gboolean paused;
  gint64 resume_at_us;
  gint64 moved_at_us; /* when the last byte did */
  gint64 paid_at_us;  /* when its rate has carried what came so far */
  uv_timer_t timer;   /* data: this */
  End ends[2];
};

/* Bytes that the kernel did not take at once. */
typedef struct
{
  uv_write_t request; /* data: the end */
  guint8 bytes[];
} Waiting;

static KhService *
service_of (const Relay *self)
{
  return self->timer.loop->data;
}

static End *
other_end (End *end)
{
  return &end->relay->ends[end == &end->relay->ends[0] ? 1 : 0];
}

static gboolean
is_standing (const Relay *self)
{
  return self->number != 0 && self->ends[0].is_open && self->ends[1].is_open;
}

void
kh_relay_make_table (KhService *service)
{
  service->relays = g_new0 (gpointer, service->options->directory.relays_max + 1);
}

static void
forget_handle (Relay *self)
{
  if (--self->n_handles == 0)
    g_free (self);
}

static void
on_timer_closed (uv_handle_t *handle)
{
  forget_handle (handle->data);
}

static void
on_end_closed (uv_handle_t *handle)
{
  End *end = handle->data;
  KhService *service = service_of (end->relay);

  service->n_open--;
  forget_handle (end->relay);
  kh_listener_resume (service);
}

static void
close_relay (Relay *self)
{
  if (self->number == 0)
    return;
  service_of (self)->relays[self->number] = NULL;
  self->number = 0;
  for (guint side = 0; side < 2; side++)
    if (self->ends[side].is_open)
      uv_close ((uv_handle_t *)&self->ends[side].tcp, on_end_closed);
  uv_close ((uv_handle_t *)&self->timer, on_timer_closed);
}

/* It ended by itself. */
static void
end_relay (Relay *self)
{
  KhService *service = service_of (self);
  guint32 number = self->number;

  close_relay (self);
  if (number != 0)
    kh_directory_end_relay (service->directory, kh_service_now (), number);
  kh_service_pump (service);
}

static void on_read (uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer);
static void on_timer (uv_timer_t *timer);

static void
allocate (uv_handle_t *handle, G_GNUC_UNUSED size_t suggested, uv_buf_t *buffer)
{
  KhService *service = handle->loop->data;
  gint64 len = service->options->relay_rate / READS_PER_SECOND;

  *buffer = uv_buf_init (service->read_buffer,
                         (guint)CLAMP (len, READ_LEN_MIN, KH_RELAY_READ_LEN));
}

/* False where the connection is gone. */
static gboolean
update_reading (Relay *self)
{
  for (guint side = 0; side < 2; side++)
    {
      End *end = &self->ends[side];
      const uv_stream_t *target = (const uv_stream_t *)&other_end (end)->tcp;
      gboolean wanted = !self->paused && !end->has_ended
                        && uv_stream_get_write_queue_size (target) == 0;

      if (wanted == end->is_reading)
        continue;
      end->is_reading = wanted;
      if (!wanted)
        uv_read_stop ((uv_stream_t *)&end->tcp);
      else if (uv_read_start ((uv_stream_t *)&end->tcp, allocate, on_read) != 0)
        return FALSE;
    }
  return TRUE;
}

/* Reading never moves the timer: when it fires it finds out what is due. */
static void
arm_timer (Relay *self)
{
  gint64 now_us = kh_service_now ();
  gint64 at_us = self->moved_at_us + service_of (self)->options->relay_idle_us;

  if (self->paused)
    at_us = MIN (at_us, self->resume_at_us);
  uv_timer_start (&self->timer, on_timer,
                  at_us > now_us ? (guint64)(at_us - now_us + 999) / 1000 : 0, 0);
}

static void
on_timer (uv_timer_t *timer)
{
  Relay *self = timer->data;
  gint64 now_us = kh_service_now ();

  if (self->paused && self->resume_at_us <= now_us)
    self->paused = FALSE;
  if (now_us - self->moved_at_us >= service_of (self)->options->relay_idle_us
      || !update_reading (self))
    end_relay (self);
  else
    arm_timer (self);
}

/* When @n bytes more are carried, where those before are at @paid_at_us. */
static gint64
pay (gint64 paid_at_us, gint64 now_us, gsize n, gint64 rate)
{
  return MAX (paid_at_us, now_us) + (gint64)n * G_USEC_PER_SEC / rate;
}

static void
keep_to_rates (Relay *self, gsize n)
{
  KhService *service = service_of (self);
  const KhOptions *options = service->options;
  gint64 now_us = kh_service_now ();

  self->moved_at_us = now_us;
  self->paid_at_us = pay (self->paid_at_us, now_us, n, options->relay_rate);
  service->relays_paid_at_us
      = pay (service->relays_paid_at_us, now_us, n, options->relay_rate_total);
  self->resume_at_us = MAX (self->paid_at_us, service->relays_paid_at_us) - BURST_US;
  if (self->resume_at_us <= now_us)
    return;
  self->paused = TRUE;
  arm_timer (self);
}

static void
on_written (uv_write_t *request, int status)
{
  End *end = request->data;
  Relay *self = end->relay;

  g_free (request);
  if (self->number == 0)
    return;
  self->moved_at_us = kh_service_now ();
  if (status < 0 || !update_reading (self))
    end_relay (self);
}

/* False when the connection is gone. */
static gboolean
write_bytes (End *end, const char *bytes, gsize len)
{
  uv_stream_t *stream = (uv_stream_t *)&end->tcp;
  uv_buf_t buffer = uv_buf_init ((char *)bytes, (guint)len);
  int n = uv_try_write (stream, &buffer, 1);
  Waiting *waiting;

  if (n == UV_EAGAIN)
    n = 0;
  if (n < 0 || (gsize)n == len)
    return n >= 0;
  len -= (gsize)n;
  waiting = g_malloc (sizeof *waiting + len);
  memcpy (waiting->bytes, bytes + n, len);
  waiting->request.data = end;
  buffer = uv_buf_init ((char *)waiting->bytes, (guint)len);
  if (uv_write (&waiting->request, stream, &buffer, 1, on_written) == 0)
    return TRUE;
  g_free (waiting);
  return FALSE;
}

static void
on_shut (uv_shutdown_t *request, int status)
{
  End *end = request->data;
  Relay *self = end->relay;

  if (self->number == 0)
    return;
  end->is_shut = TRUE;
  if (status < 0 || other_end (end)->is_shut)
    end_relay (self);
}

/* After what was read from it has been written, the other hears that this was all. */
static gboolean
pass_end_on (End *end)
{
  End *target = other_end (end);

  end->has_ended = TRUE;
  target->shutdown.data = target;
  return uv_shutdown (&target->shutdown, (uv_stream_t *)&target->tcp, on_shut) == 0
         && update_reading (end->relay);
}

static void
on_read (uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
  End *end = stream->data;
  Relay *self = end->relay;
  KhService *service = service_of (self);
  gboolean good;

  if (n == 0)
    return;
  if (n < 0)
    {
      if (n != UV_EOF || !pass_end_on (end))
        end_relay (self);
      return;
    }
  service->traffic_assist.bytes_in += (guint64)n;
  service->traffic_assist.bytes_out += (guint64)n;
  good = write_bytes (other_end (end), buffer->base, (gsize)n);
  keep_to_rates (self, (gsize)n);
  kh_directory_relayed (service->directory, kh_service_now (), self->number,
                        (guint)(end - self->ends), (guint64)n);
  if (good && update_reading (self))
    kh_service_pump (service);
  else
    end_relay (self);
}

static Relay *
find_or_make (KhService *service, guint32 number)
{
  Relay *self = service->relays[number];

  if (self != NULL)
    return self;
  self = g_new0 (Relay, 1);
  self->number = number;
  self->n_handles = 1;
  uv_timer_init (&service->loop, &self->timer);
  self->timer.data = self;
  service->relays[number] = self;
  return self;
}

static gboolean
open_end (Relay *self, End *end, const uv_tcp_t *tcp)
{
  KhService *service = service_of (self);
  uv_os_sock_t own = kh_sockets_duplicate (tcp);

  if (own == KH_SOCKETS_NONE)
    return FALSE;
  end->relay = self;
  uv_tcp_init (&service->loop, &end->tcp);
  end->tcp.data = end;
  end->is_open = TRUE;
  self->n_handles++;
  service->n_open++;
  if (uv_tcp_open (&end->tcp, own) != 0)
    {
      kh_sockets_close (own);
      return FALSE;
    }
  uv_tcp_nodelay (&end->tcp, 1);
  kh_sockets_limit_unsent (own, KERNEL_UNSENT_LEN);
  return TRUE;
}

void
kh_relay_take (KhService *service, guint32 number, guint side, const uv_tcp_t *tcp)
{
  Relay *self = find_or_make (service, number);

  if (!open_end (self, &self->ends[side], tcp))
    {
      end_relay (self);
      return;
    }
  if (!is_standing (self))
    return; /* how long it waits is the directory's business */
  self->moved_at_us = kh_service_now ();
  if (update_reading (self))
    arm_timer (self);
  else
    end_relay (self);
}

void
kh_relay_end (KhService *service, guint32 number)
{
  Relay *self = service->relays[number];

  if (self != NULL)
    close_relay (self);
}

void
kh_relay_close_all (KhService *service)
{
  for (guint32 number = 1; number <= service->options->directory.relays_max; number++)
    {
      Relay *self = service->relays[number];

      if (self == NULL)
        continue;
      close_relay (self);
      kh_directory_end_relay (service->directory, kh_service_now (), number);
    }
}
