/*
 * Numbers to text and back for /proc, where printf and strtol may not be used. AS-safe; text is NUL-terminated.
 */
#ifndef TINE_TEXT_H
#define TINE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Writes prefix, number and suffix; returns text. Room for all of it is the caller's matter. */
static inline char *tine__path(char *text, const char *prefix, long number, const char *suffix) {
  char *p = text;
  while (*prefix) *p++ = *prefix++;
  char digits[24];
  int n = 0;
  do digits[n++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (n > 0) *p++ = digits[--n];
  while (*suffix) *p++ = *suffix++;
  *p = 0;
  return text;
}

static inline int tine__digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return 99;
}

/* Number at text in a base of 8, 10 or 16, leading blanks skipped; *end is behind it. */
static inline uint64_t tine__number(const char *text, unsigned base, const char **end) {
  while (*text == ' ' || *text == '\t') text++;
  uint64_t value = 0;
  for (; (unsigned)tine__digit(*text) < base; text++) value = value * base + (unsigned)tine__digit(*text);
  if (end != NULL) *end = text;
  return value;
}

static inline int tine__starts_with(const char *text, const char *prefix) {
  while (*prefix)
    if (*text++ != *prefix++) return 0;
  return 1;
}

/* The text behind `key` at the start of a line; NULL: no such line. */
static inline const char *tine__field(const char *text, const char *key) {
  for (const char *line = text; *line;) {
    if (tine__starts_with(line, key)) {
      while (*key) line++, key++;
      return line;
    }
    while (*line && *line != '\n') line++;
    if (*line) line++;
  }
  return NULL;
}

#endif
