package dev.tine.fork.internal.audit;

/**
 * A socket as the tables of the kernel show it.
 *
 * @param description addresses and state, for people
 * @param peer UNIX: inode of the other end; 0: elsewhere or not known
 */
record Socket(Family family, State state, String description, long peer) {

  enum Family {
    TCP,
    UDP,
    UNIX,
    NETLINK
  }

  enum State {
    LISTENING,
    BOUND,
    /** It has neither an address nor another end. */
    FRESH,
    CONNECTED,
    /** UNIX: the other end is gone, so that nothing is left to share. */
    HUNG_UP
  }
}
