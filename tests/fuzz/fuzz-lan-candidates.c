/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a peer says of its own network. If the first byte is even the rest is opened as
 * it came, if it is odd the peer has really sealed it. The keys are fixed, so that the
 * corpus can hold bytes that are right. What is opened keeps to its bounds, and is the
 * same when it is sealed and opened again; what may be dialled of it keeps to the rules.
 */
#include "proto/lan-candidates.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static const guint8 call_id[KH_CALL_ID_LEN] = "sixteen bytes it";
static const guint8 nonce[KH_LAN_NONCE_LEN] = { 9 };

typedef struct
{
  KhKeyPair own;
  KhKeyPair peer;
  gboolean made;
} Scene;

static void
make_scene (Scene *scene)
{
  guint8 secret[KH_KEY_LEN];

  memset (secret, 0x11, sizeof secret);
  kh_noise_key_pair_from_secret (&scene->own, secret);
  memset (secret, 0x22, sizeof secret);
  kh_noise_key_pair_from_secret (&scene->peer, secret);
  scene->made = TRUE;
}

static void
check_verdicts (const KhLanCandidates *candidates)
{
  const KhLanNetwork networks[] = {
    { kh_endpoint_v4 ((const guint8[]){ 192, 168, 1, 9 }, 0), 24 },
    { kh_endpoint_v4 ((const guint8[]){ 10, 0, 0, 6 }, 0), 31 },
  };
  KhEndpoint gateway = kh_endpoint_v4 ((const guint8[]){ 192, 168, 1, 1 }, 0);

  for (guint i = 0; i < candidates->n; i++)
    {
      const KhEndpoint *it = &candidates->endpoints[i];

      if (kh_lan_judge (it, networks, G_N_ELEMENTS (networks), &gateway) == KH_LAN_NEVER)
        continue;
      g_assert_cmpint (kh_endpoint_kind (it), ==, KH_ENDPOINT_PRIVATE);
      g_assert_cmpuint (it->family, ==, 4);
      g_assert_cmpuint (it->port, >=, KH_CALL_PORT_MIN);
      g_assert_false (kh_endpoint_same_address (it, &gateway));
    }
}

static void
check_candidates (const Scene *scene, const KhLanCandidates *candidates)
{
  KhLanEnds from = { call_id, true, &scene->peer, scene->own.public_key };
  KhLanEnds to = { call_id, true, &scene->own, scene->peer.public_key };
  guint8 sealed[KH_CANDIDATES_LEN_MAX];
  KhLanCandidates again;
  gsize len;

  g_assert_cmpuint (candidates->n, <=, KH_LAN_CANDIDATES_MAX);
  len = kh_lan_candidates_seal (candidates, &from, nonce, sealed);
  g_assert_true (kh_lan_candidates_open (&again, &to, sealed, len));
  g_assert_cmpuint (again.round, ==, candidates->round);
  g_assert_cmpuint (again.n, ==, candidates->n);
  for (guint i = 0; i < again.n; i++)
    g_assert_true (kh_endpoint_equal (&again.endpoints[i], &candidates->endpoints[i]));
  check_verdicts (candidates);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static Scene scene;
  KhLanEnds ends = { call_id, true, &scene.own, scene.peer.public_key };
  KhLanCandidates candidates;
  g_autofree guint8 *sealed = NULL;
  gboolean is_sealed = size > 0 && data[0] % 2 == 1;

  if (size == 0 || sodium_init () < 0)
    return 0;
  if (!scene.made)
    make_scene (&scene);
  data++;
  size--;
  if (is_sealed)
    {
      sealed = g_malloc (KH_LAN_NONCE_LEN + crypto_box_MACBYTES + size);
      memcpy (sealed, nonce, KH_LAN_NONCE_LEN);
      g_assert_cmpint (crypto_box_easy (sealed + KH_LAN_NONCE_LEN, data, size, nonce,
                                        scene.own.public_key, scene.peer.secret_key),
                       ==, 0);
      data = sealed;
      size += KH_LAN_NONCE_LEN + crypto_box_MACBYTES;
    }
  if (!kh_lan_candidates_open (&candidates, &ends, data, size))
    return 0;

  g_assert_cmpuint (size, <=, KH_CANDIDATES_LEN_MAX);
  check_candidates (&scene, &candidates);
  return 0;
}
