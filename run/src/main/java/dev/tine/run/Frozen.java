package dev.tine.run;

import dev.tine.sys.OrderCall;
import java.util.List;

/**
 * A mold that was just made, and what its workers have instead of its files.
 *
 * @param orderFd the monitor's end, from now on the receiver's
 * @param outputs standard output and error
 * @param control the control socket
 */
record Frozen(
    int generation,
    int moldPid,
    int orderFd,
    List<Listeners.Borrowed> listening,
    List<OrderCall.Passed> outputs,
    OrderCall.Passed control) {}
