/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * main-error.h - why there is no connection to the server.
 */
#pragma once

#include <glib.h>

#define KH_MAIN_ERROR (kh_main_error_quark ())
GQuark kh_main_error_quark (void);

typedef enum
{
  KH_MAIN_ERROR_UNREACHABLE,  /* no such host, no answer, refused */
  KH_MAIN_ERROR_NOT_KNOTHOLE, /* something answered that is no Knothole server */
  KH_MAIN_ERROR_OTHER_KEY,    /* another key than the address or the memory says; final */
  KH_MAIN_ERROR_REFUSED,      /* the server says no (version, full) */
  KH_MAIN_ERROR_LOST,         /* it stood, and broke */
  KH_MAIN_ERROR_REPLACED,     /* this identity has logged in elsewhere; final */
} KhMainError;
