/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The prober against a server that is played here, over loopback: it sees what the test
 * wants it to have seen, and dials back from where the test lets it.
 */
#include "net/prober.h"

#include "net/port.h"
#include "net/socket.h"
#include "net/source.h"

#include <string.h>

#define PATIENCE_S 60
#define PLACES 3
/* Of the main loop in a run; a timer that spins takes millions. */
#define ITERATIONS_MAX 5000

typedef struct _Fake Fake;

/* One port of the server. */
typedef struct
{
  Fake *fake;
  KhEndpoint endpoint;
  GSocket *listener;
  GSource *source;
  gboolean is_main;
} Place;

struct _Fake
{
  /* How it behaves */
  gboolean deaf;          /* knows no PROBE */
  gboolean translates;    /* sees another address */
  gboolean shifts;        /* and another port */
  gboolean counts;        /* and a further one for every connection */
  gboolean lets_in_far;   /* its second address gets through */
  gboolean lets_in_near;  /* another port of the first one does */
  gboolean lets_in_named; /* who comes unasked does */
  guint n_later;          /* so many DIALs are put off */
  gboolean ignores_dials;
  gboolean mumbles; /* what it writes is not the word */
  gboolean lies;    /* the main connection came from elsewhere */

  /* State */
  Place places[PLACES];
  guint8 secret[KH_TOKEN_SECRET_LEN];
  guint8 probe_id[KH_CALL_ID_LEN];
  KhEndpoint observed[KH_PROBE_INDICES]; /* really */
  guint16 next_port;
  GPtrArray *sockets;
  GPtrArray *sources;
  KhProber *prober;
  guint n_dials;
  gboolean done;
  KhProbeResults results;
};

static void
keep (Fake *self, GSource *source)
{
  g_ptr_array_add (self->sources, source);
}

/* --- What it says ----------------------------------------------------------------------
 */

typedef struct
{
  Fake *fake;
  KhMessage message;
} Letter;

static gboolean
on_delivery (gpointer data)
{
  Letter *letter = data;

  if (!letter->fake->done)
    kh_prober_receive (letter->fake->prober, 0, &letter->message);
  return G_SOURCE_REMOVE;
}

static void
say (Fake *self, const KhMessage *message)
{
  Letter *letter = g_new0 (Letter, 1);
  GSource *source = g_idle_source_new ();

  *letter = (Letter){ self, *message };
  g_source_set_callback (source, on_delivery, letter, g_free);
  g_source_attach (source, NULL);
  keep (self, source);
}

static void
say_dialled (Fake *self, const KhMsgDial *dial, KhProbeResult result)
{
  KhMessage message = { .type = KH_MESSAGE_DIALLED, .dial = *dial };

  message.dial.result = (guint8)result;
  message.dial.wait_s = result == KH_DIALLED_LATER ? 1 : 0;
  say (self, &message);
}

static KhEndpoint
see (Fake *self, const KhEndpoint *remote)
{
  static const guint8 public_address[4] = { 127, 0, 0, 9 };
  KhEndpoint seen = *remote;

  if (self->translates)
    seen = kh_endpoint_v4 (public_address, remote->port);
  if (self->counts)
    seen.port = self->next_port += 2;
  else if (self->shifts)
    seen.port
        = (guint16)(remote->port > 40000 ? remote->port - 15000 : remote->port + 15000);
  return seen;
}

static void
observe (Fake *self, const guint8 *token, const KhEndpoint *remote)
{
  for (guint8 index = 0; index < KH_PROBE_INDICES; index++)
    {
      KhMessage message = { .type = KH_MESSAGE_PROBED };
      guint8 expected[KH_TOKEN_LEN];

      kh_token_compute (expected, self->secret, self->probe_id, 0, index, KH_TOKEN_PROBE);
      if (memcmp (expected, token, sizeof expected) != 0)
        continue;
      self->observed[index] = *remote;
      memcpy (message.probed.probe_id, self->probe_id, sizeof self->probe_id);
      message.probed.index = index;
      message.probed.endpoint = see (self, remote);
      say (self, &message);
    }
}

/* --- What it hears ---------------------------------------------------------------------
 */

typedef struct
{
  Fake *fake;
  gsize skip; /* before the token */
  KhEndpoint remote;
} Visitor;

static gboolean
on_token (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Visitor *visitor = data;
  guint8 bytes[64];
  gsize n;
  KhSocketResult result
      = kh_socket_read (g_socket_get_fd (socket), bytes, sizeof bytes, &n);

  if (result == KH_SOCKET_PENDING)
    return G_SOURCE_CONTINUE;
  if (result == KH_SOCKET_DONE && n == visitor->skip + KH_TOKEN_LEN)
    observe (visitor->fake, bytes + visitor->skip, &visitor->remote);
  return G_SOURCE_REMOVE;
}

static gboolean
on_visitor (GSocket *listener, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Place *place = data;
  Fake *self = place->fake;
  KhEndpoint remote;
  int fd = kh_socket_accept (g_socket_get_fd (listener), &remote);
  Visitor *visitor;
  GSocket *socket;
  GSource *source;

  if (fd == KH_SOCKET_NONE || self->deaf)
    {
      kh_socket_close (fd);
      return G_SOURCE_CONTINUE;
    }
  socket = kh_port_wrap (fd);
  g_ptr_array_add (self->sockets, socket);
  visitor = g_new0 (Visitor, 1);
  *visitor = (Visitor){ self, place->is_main ? 4 : 0, remote };
  source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_token), visitor, g_free);
  g_source_attach (source, NULL);
  keep (self, source);
  return G_SOURCE_CONTINUE;
}

/* --- Dialling back
 * ----------------------------------------------------------------------
 */

static void
dial_back (Fake *self, const KhMsgDial *dial, KhEndpoint to)
{
  guint8 token[KH_TOKEN_LEN];
  GSocket *socket = kh_port_wrap (kh_port_bind (4, 0));
  gsize n;

  g_assert_nonnull (socket);
  g_ptr_array_add (self->sockets, socket);
  kh_token_compute (token, self->secret, self->probe_id, dial->from, dial->index,
                    KH_TOKEN_DIAL_BACK);
  if (self->mumbles)
    token[3] ^= 1;
  g_socket_set_blocking (socket, TRUE);
  kh_socket_connect (g_socket_get_fd (socket), &to);
  g_socket_condition_wait (socket, G_IO_OUT, NULL, NULL);
  g_assert_cmpint (kh_socket_take_error (g_socket_get_fd (socket)), ==, KH_SOCKET_DONE);
  g_assert_cmpint (kh_socket_write (g_socket_get_fd (socket), token, sizeof token, &n),
                   ==, KH_SOCKET_DONE);
}

static gboolean
lets_in (const Fake *self, guint8 from)
{
  switch (from)
    {
    case KH_DIAL_FROM_OTHER_ADDRESS:
      return self->lets_in_far;
    case KH_DIAL_FROM_OTHER_PORT:
      return self->lets_in_near;
    case KH_DIAL_TO_NAMED_PORT:
      return self->lets_in_named;
    default:
      return FALSE;
    }
}

static void
on_dial (Fake *self, const KhMsgDial *dial)
{
  static const guint8 localhost[4] = { 127, 0, 0, 1 };

  self->n_dials++;
  if (self->ignores_dials)
    return;
  if (self->n_later > 0)
    {
      self->n_later--;
      say_dialled (self, dial, KH_DIALLED_LATER);
      return;
    }
  if (lets_in (self, dial->from))
    dial_back (self, dial,
               dial->from == KH_DIAL_TO_NAMED_PORT
                   ? kh_endpoint_v4 (localhost, dial->port)
                   : self->observed[dial->index]);
  if (dial->from == KH_DIAL_TO_NAMED_PORT)
    say_dialled (self, dial, KH_DIALLED_NOTHING);
  else
    say_dialled (self, dial,
                 lets_in (self, dial->from) ? KH_DIALLED_CONNECTED : KH_DIALLED_REFUSED);
}

static void
on_send (gpointer data, unsigned server, const KhMessage *message)
{
  Fake *self = data;

  g_assert_cmpuint (server, ==, 0);
  if (message->type == KH_MESSAGE_PROBE)
    memcpy (self->probe_id, message->probe.probe_id, sizeof self->probe_id);
  else if (message->type == KH_MESSAGE_DIAL)
    on_dial (self, &message->dial);
}

static void
on_done (gpointer data, const KhProbeResults *results)
{
  Fake *self = data;

  g_assert_false (self->done);
  self->results = *results;
  self->done = TRUE;
}

static const KhProberListener listener = { .send = on_send, .done = on_done };

/* --- A run
 * ------------------------------------------------------------------------------
 */

static void
open_place (Fake *self, Place *place, guint8 last_byte, gboolean is_main)
{
  const guint8 address[4] = { 127, 0, 0, last_byte };
  KhEndpoint local = kh_endpoint_v4 (address, 0);
  int fd = kh_socket_bound (&local);

  g_assert_true (kh_socket_listen (fd, 32));
  place->fake = self;
  place->is_main = is_main;
  place->listener = kh_port_wrap (fd);
  g_assert_true (kh_socket_local (fd, &place->endpoint));
  place->source = kh_source_watch (place->listener, G_IO_IN, on_visitor, place);
}

static gboolean
on_too_long (G_GNUC_UNUSED gpointer data)
{
  g_error ("the prober does not end");
  return G_SOURCE_REMOVE;
}

static void
destroy_source (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static const KhProbeResults *
run (Fake *self, gboolean two_addresses)
{
  KhProbeServer server = { .n_assist = two_addresses ? 2 : 1 };
  guint patience = g_timeout_add_seconds (PATIENCE_S, on_too_long, NULL);

  self->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  self->sources = g_ptr_array_new_with_free_func (destroy_source);
  self->next_port = 20000;
  memset (self->secret, 7, sizeof self->secret);
  open_place (self, &self->places[0], 1, FALSE);
  open_place (self, &self->places[1], 1, TRUE);
  open_place (self, &self->places[2], 2, FALSE);
  server.main = self->places[1].endpoint;
  server.seen = see (self, &(KhEndpoint){ 4, { 127, 0, 0, 1 }, 30000 });
  server.seen.address[3] += self->lies;
  server.assist[0] = self->places[0].endpoint;
  server.assist[1] = self->places[2].endpoint;
  memcpy (server.secret, self->secret, sizeof server.secret);
  self->prober = kh_prober_new (&server, NULL, &listener, self);
  for (guint i = 0; !self->done; i++)
    {
      g_assert_cmpuint (i, <, ITERATIONS_MAX);
      g_main_context_iteration (NULL, TRUE);
    }

  kh_prober_free (self->prober);
  g_ptr_array_unref (self->sources);
  g_ptr_array_unref (self->sockets);
  for (guint i = 0; i < PLACES; i++)
    {
      kh_source_clear (&self->places[i].source);
      g_clear_object (&self->places[i].listener);
    }
  g_source_remove (patience);
  return &self->results;
}

static void
test_an_open_computer (void)
{
  Fake fake = { .lets_in_far = TRUE, .lets_in_near = TRUE };
  const KhProbeResults *results = run (&fake, TRUE);

  g_assert_cmpint (results->nat.type, ==, KH_NAT_OPEN);
  g_assert_cmpint (results->nat.mapping, ==, KH_NAT_BEHAVIOUR_NONE);
  g_assert_cmpint (results->nat.allocation, ==, KH_PORT_ALLOCATION_PRESERVING);
  g_assert_cmpint (results->nat.unsolicited, ==, KH_NAT_DIAL_REFUSED);
  g_assert_cmpint (results->hairpin, ==, KH_TRISTATE_UNKNOWN);
  g_assert_true (results->other_address);
  g_assert_cmpuint (fake.n_dials, ==, 3); /* far, near, a closed port */
}

static void
test_an_open_computer_and_one_address (void)
{
  Fake fake = { .lets_in_near = TRUE, .lets_in_named = TRUE };

  g_assert_cmpint (run (&fake, FALSE)->nat.type, ==, KH_NAT_OPEN);
  g_assert_false (fake.results.other_address);
}

/* The main connection is seen elsewhere, as where it is IPv6: nobody would dial the port.
 */
static void
test_an_unused_port_is_tried_only_where_the_main_connection_is (void)
{
  Fake fake = { .lets_in_near = TRUE, .lies = TRUE };

  g_assert_cmpint (run (&fake, FALSE)->nat.type, ==, KH_NAT_UNKNOWN);
  g_assert_cmpuint (fake.n_dials, ==, 2); /* near, a closed port */
}

static void
test_a_full_cone_with_hairpin (void)
{
  Fake fake = { .translates = TRUE, .lets_in_far = TRUE, .lets_in_near = TRUE };
  const KhProbeResults *results = run (&fake, TRUE);

  g_assert_cmpint (results->nat.type, ==, KH_NAT_FULL_CONE);
  /* All of 127/8 is this computer: its ports meet at that address too. */
  g_assert_cmpint (results->hairpin, ==, KH_TRISTATE_YES);
}

static void
test_a_port_restricted_cone_without_hairpin (void)
{
  Fake fake = { .translates = TRUE, .shifts = TRUE };
  const KhProbeResults *results = run (&fake, TRUE);

  g_assert_cmpint (results->nat.type, ==, KH_NAT_PORT_RESTRICTED_CONE);
  g_assert_cmpint (results->nat.unsolicited, ==, KH_NAT_DIAL_REFUSED);
  g_assert_cmpint (results->hairpin, ==, KH_TRISTATE_NO);
}

static void
test_a_sequence_is_seen_in_its_order (void)
{
  Fake fake = { .translates = TRUE, .counts = TRUE };
  const KhProbeResults *results = run (&fake, TRUE);

  g_assert_cmpint (results->nat.type, ==, KH_NAT_SYMMETRIC);
  g_assert_cmpint (results->nat.allocation, ==, KH_PORT_ALLOCATION_SEQUENTIAL);
  g_assert_cmpint (results->nat.step, ==, 2);
}

/* Only the word that the server was asked for counts. */
static void
test_who_writes_something_else_is_not_heard (void)
{
  Fake fake = {
    .translates = TRUE, .lets_in_far = TRUE, .lets_in_near = TRUE, .mumbles = TRUE
  };

  g_assert_cmpint (run (&fake, TRUE)->nat.type, ==, KH_NAT_PORT_RESTRICTED_CONE);
}

static void
test_who_is_put_off_asks_again (void)
{
  Fake fake = { .translates = TRUE, .lets_in_near = TRUE, .n_later = 3 };

  g_assert_cmpint (run (&fake, TRUE)->nat.type, ==, KH_NAT_RESTRICTED_CONE);
  g_assert_cmpuint (fake.n_dials, ==, 5);
}

/* Then the silence is the server's: of the router nothing is known but what was seen. And
 * waiting for it takes no processor time. */
static void
test_a_server_that_answers_no_dial (void)
{
  Fake fake = { .translates = TRUE, .ignores_dials = TRUE };
  const KhProbeResults *results = run (&fake, TRUE);

  g_assert_cmpint (results->nat.type, ==, KH_NAT_UNKNOWN);
  g_assert_cmpint (results->nat.filtering, ==, KH_NAT_BEHAVIOUR_UNKNOWN);
  g_assert_cmpint (results->nat.unsolicited, ==, KH_NAT_DIAL_UNKNOWN);
  g_assert_cmpint (results->nat.mapping, ==, KH_NAT_BEHAVIOUR_ENDPOINT_INDEPENDENT);
}

/* Where it is seen at another address than the server itself has said, nothing is dialled
 * there. */
static void
test_an_endpoint_of_somebody_else_is_not_dialled (void)
{
  Fake fake
      = { .translates = TRUE, .lets_in_far = TRUE, .lets_in_near = TRUE, .lies = TRUE };

  g_assert_cmpint (run (&fake, TRUE)->hairpin, ==, KH_TRISTATE_UNKNOWN);
}

/* A server of before: it ends soon, and nothing is claimed. */
static void
test_a_server_that_knows_no_probe (void)
{
  Fake fake = { .deaf = TRUE };
  const KhProbeResults *results = run (&fake, TRUE);

  g_assert_cmpint (results->nat.type, ==, KH_NAT_UNKNOWN);
  g_assert_cmpint (results->nat.behind_nat, ==, KH_TRISTATE_UNKNOWN);
  g_assert_cmpuint (fake.n_dials, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prober/an-open-computer", test_an_open_computer);
  g_test_add_func ("/prober/an-open-computer-and-one-address",
                   test_an_open_computer_and_one_address);
  g_test_add_func ("/prober/an-unused-port-is-tried-only-where-the-main-connection-is",
                   test_an_unused_port_is_tried_only_where_the_main_connection_is);
  g_test_add_func ("/prober/a-full-cone-with-hairpin", test_a_full_cone_with_hairpin);
  g_test_add_func ("/prober/a-port-restricted-cone-without-hairpin",
                   test_a_port_restricted_cone_without_hairpin);
  g_test_add_func ("/prober/a-sequence-is-seen-in-its-order",
                   test_a_sequence_is_seen_in_its_order);
  g_test_add_func ("/prober/who-writes-something-else-is-not-heard",
                   test_who_writes_something_else_is_not_heard);
  g_test_add_func ("/prober/who-is-put-off-asks-again", test_who_is_put_off_asks_again);
  g_test_add_func ("/prober/a-server-that-answers-no-dial",
                   test_a_server_that_answers_no_dial);
  g_test_add_func ("/prober/an-endpoint-of-somebody-else-is-not-dialled",
                   test_an_endpoint_of_somebody_else_is_not_dialled);
  g_test_add_func ("/prober/a-server-that-knows-no-probe",
                   test_a_server_that_knows_no_probe);
  return g_test_run ();
}
