/*
 * What ps shows: the kernel reads it from where the arguments of main() lay.
 */
#ifndef TINE_TITLE_H
#define TINE_TITLE_H

/* Finds that place, once. 0 or -errno. Not AS-safe. */
int tine__title_find(void);

/* Writes the title there, cut to fit; "" or a place not found: does nothing. AS-safe. */
void tine__title_set(const char *title);

#endif
