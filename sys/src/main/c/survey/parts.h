/*
 * The parts of the survey, for each other. All are AS-safe, and return 0 or -errno if nothing else is said.
 */
#ifndef TINE_SURVEY_PARTS_H
#define TINE_SURVEY_PARTS_H

#include <stddef.h>

#include "survey/survey.h"

/* Doubles an array that is full; raw mmap takes no lock of libc's. New memory is zero. */
int tine__grow(void **array, uint32_t count, uint32_t *capacity, size_t item);

/* What the descriptor is, and its fate by that; 0: it is closed, or an O_PATH, which has no state. 1: set. */
int tine__kind(const struct tine__survey *survey, struct tine__descriptor *descriptor);

/* What refuses a descriptor of this kind. */
int32_t tine__kind_refusal(int kind);

/* Reads the state of a descriptor, members of epoll sets included. */
int tine__info(struct tine__survey *survey, struct tine__descriptor *descriptor);

/* Makes descriptors known by their keys. */
int tine__places(struct tine__survey *survey);

/* Sets `original` of each descriptor, which all have their places. */
void tine__aliases(struct tine__survey *survey);

/* The first descriptor with this key; NULL: none. */
struct tine__descriptor *tine__with_key(struct tine__survey *survey, uint64_t key);

/* The next one with the same key; NULL: none. */
struct tine__descriptor *tine__next_with_key(struct tine__survey *survey, const struct tine__descriptor *descriptor);

/* Adds a member of the set; a number that names another file now, or none, is left to tine__members_find(). */
int tine__member_add(struct tine__survey *survey, struct tine__descriptor *set, struct tine__member member);

/* Finds members by another number than the one they were added by. */
void tine__members_find(struct tine__survey *survey);

/* Finds the other ends of UNIX connections, and makes pairs of those that are inside. */
void tine__pairs_find(struct tine__survey *survey);

/* Refuses writable shared mappings. */
int tine__mappings_check(const struct tine__survey *survey);

/* Adds a value to a key. Keys that are equal are taken for the same file, so that it has to be more than a sum. */
static inline uint64_t tine__mix(uint64_t key, uint64_t value) {
  key = key * 0x9e3779b97f4a7c15u + value;
  key ^= key >> 32;
  key *= 0xd6e8feb86659fd93u;
  return key ^ key >> 32;
}

#endif
