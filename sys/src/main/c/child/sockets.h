/* Sockets that a child gets in the place of its parent's. AS-safe; the descriptor, or -errno. */
#ifndef TINE_CHILD_SOCKETS_H
#define TINE_CHILD_SOCKETS_H

#include "survey/survey.h"

/* One of the same kind that was never connected: to read or write fails at once, to close it says nothing. */
long tine__socket_dead(const struct tine__descriptor *old);

/* One of the same kind with the same options, for a socket that was made and not yet used. */
long tine__socket_like(const struct tine__descriptor *old);

#endif
