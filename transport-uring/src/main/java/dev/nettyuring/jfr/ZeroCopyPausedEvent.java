// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jfr;

import java.net.InetAddress;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name(FlightEvents.ZERO_COPY_PAUSED)
@Label("Zero Copy Paused")
@Description("What is sent to a peer is copied for a while, since zero copy did not pay or could not be had")
@Category({FlightEvents.CATEGORY, FlightEvents.SUBCATEGORY})
@StackTrace(false)
final class ZeroCopyPausedEvent extends Event {
    @Label("Peer")
    String peer;

    @Label("Reason")
    @Description("COPIED if the kernel copied all the same; else the error it refused with")
    String reason;

    @Label("Pause")
    @Description("How long, for the channels that choose by themselves (ZeroCopy.AUTO)")
    @Timespan(Timespan.NANOSECONDS)
    long pause;

    static void record(InetAddress peer, String reason, long pauseNanos) {
        ZeroCopyPausedEvent event = new ZeroCopyPausedEvent();
        if (event.isEnabled()) {
            event.peer = peer.getHostAddress();
            event.reason = reason;
            event.pause = pauseNanos;
            event.commit();
        }
    }
}
