#include "title.h"

#include <errno.h>
#include <string.h>

#include "raw.h"
#include "text.h"
#include "tine.h"

/* proc(5), /proc/pid/stat: arg_start is field 48, arg_end 49; the command name is field 2 and may hold blanks. */
#define FIELDS_FROM_STATE_TO_ARG_START 45

/* Begins the environment of a program that was started to be forked: arguments may be few, and a title is long. */
#define ROOM "TINE_TITLE="

static char *place;
static long place_size;

int tine__title_find(void) {
  if (place != NULL) return 0;
  char text[4096];
  long n = tine__read_file("/proc/self/stat", text, sizeof text);
  if (n < 0) return (int)n;
  const char *p = strrchr(text, ')');
  if (p == NULL) return -EPROTO;
  p += 2;
  for (int i = 0; i < FIELDS_FROM_STATE_TO_ARG_START; i++) {
    p = strchr(p, ' ');
    if (p == NULL) return -EPROTO;
    p++;
  }
  uint64_t begin = tine__number(p, 10, &p);
  uint64_t end = tine__number(p, 10, &p);
  uint64_t environment = tine__number(p, 10, &p);
  if (begin == 0 || end <= begin) return -EPERM;
  place = (char *)(uintptr_t)begin;
  place_size = (long)(end - begin);
  /* Room that was left on purpose. The kernel shows what begins in the arguments to its end, also beyond theirs. */
  if (environment == end && strncmp(place + place_size, ROOM, sizeof ROOM - 1) == 0)
    place_size += (long)strlen(place + place_size) + 1;
  return 0;
}

void tine__title_set(const char *title) {
  if (place == NULL || *title == 0) return;
  long i = 0;
  for (; i < place_size - 1 && title[i]; i++) place[i] = title[i];
  /* To the end: a last byte that is not 0 would make the kernel show the environment behind it as well. */
  for (; i < place_size; i++) place[i] = 0;
}

int tine_title(const char *title) {
  int error = tine__title_find();
  if (error == 0) tine__title_set(title);
  return error;
}
