/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * room.h - what a room's word stands for.
 *
 * make() chooses a word that nobody guesses, word_weak() warns of one that
 * somebody may, id() is what the server hears instead of the word.
 *
 * Words come in NFKC and case-folded, which needs tables that are not here; what
 * id() itself evens out are white space, hyphens and underscores. Each word is
 * UTF-8 of at most KH_ROOM_WORD_MAX bytes.
 *
 * Lengths are bytes. Source: src/PROTOCOL.md, section 1; arXiv:0901.4016.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for a sentence, and an invite with each byte escaped stays copyable. */
#define KH_ROOM_WORD_MAX 128
/* 80 bits: beyond guessing at ten joins a minute, and five words to read aloud. */
#define KH_ROOM_RANDOM_LEN 10
/* Five proquints of five letters, four hyphens, NUL, and a little to spare. */
#define KH_ROOM_MADE_LEN 32

/* A word with nothing left after normalising is the lobby: 32 zero bytes. */
void kh_room_id (uint8_t id[32], const uint8_t server_key[32], const char *word,
                 size_t len);

/* Whether less than 12 characters are left after normalising. The lobby is weak
 * too: who wants it does not ask. */
bool kh_room_word_weak (const char *word, size_t len);

void kh_room_word_make (const uint8_t random[KH_ROOM_RANDOM_LEN],
                        char out[KH_ROOM_MADE_LEN]);
