/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/own-address.h"
#include "server/key-file.h"
#include "server/listener.h"
#include "server/own-process.h"
#include "server/service.h"

#include <locale.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE 2

static int
complain (const GError *error, int status)
{
  g_printerr ("knothole-server: %s\n", error->message);
  return status;
}

static void
print_address (const KhOptions *options, const KhKeyPair *key, guint16 port)
{
  g_autofree char *address = kh_own_address_print (options, key->public_key, port);

  printf ("%s\n", address);
  fflush (stdout);
}

static int
serve (const KhOptions *options, const KhKeyPair *key)
{
  /* Not on the stack: it has the read buffer in it. */
  KhService *service = g_new0 (KhService, 1);
  g_autoptr (GError) error = NULL;
  int status = EXIT_SUCCESS;

  if (kh_service_start (service, options, key, &error))
    {
      print_address (options, key, service->listeners[0].endpoint.port);
      kh_service_run (service);
    }
  else
    status = complain (error, EXIT_FAILURE);
  kh_service_clear (service);
  g_free (service);
  return status;
}

static int
run (const KhOptions *options)
{
  g_autoptr (GError) error = NULL;
  guint8 secret[KH_KEY_FILE_SECRET_LEN];
  KhKeyPair key;
  int status = EXIT_SUCCESS;

  if (options->print_version)
    {
      printf ("knothole-server %s\n", KH_VERSION);
      return EXIT_SUCCESS;
    }
  if (sodium_init () < 0)
    {
      g_printerr ("knothole-server: libsodium can't start; is there /dev/urandom?\n");
      return EXIT_FAILURE;
    }
  if (!kh_key_file_open (options->data_dir, secret, &error))
    return complain (error, EXIT_FAILURE);
  kh_noise_key_pair_from_secret (&key, secret);
  sodium_memzero (secret, sizeof secret);

  if (options->print_address)
    print_address (options, &key, 0);
  else
    status = serve (options, &key);
  kh_noise_key_pair_clear (&key);
  return status;
}

int
main (int argc, char *argv[])
{
  KhOptions options;
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  kh_own_process_prepare ();
  setlocale (LC_ALL, "");
  words = kh_own_process_arguments (argc, argv);
  if (kh_options_parse (&options, (const char *const *)words, &error))
    status = run (&options);
  else
    {
      status = complain (error, EXIT_USAGE);
      g_printerr ("knothole-server --help lists what it takes.\n");
    }
  kh_options_clear (&options);
  return status;
}
