// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name(FlightEvents.BUFFER_EXHAUSTED)
@Label("Receive Buffers Exhausted")
@Description(
        "A channel had nothing to receive into, since handlers keep all the receive memory that its event loop may have")
@Category({FlightEvents.CATEGORY, FlightEvents.SUBCATEGORY})
@StackTrace(false)
final class BufferExhaustedEvent extends Event {
    @Label("Channel")
    String channel;

    @Label("Receive Memory")
    @Description("What the loop has to receive such messages into, all of which is in use")
    @DataAmount(DataAmount.BYTES)
    long receiveMemory;

    static void record(Object channel, long receiveMemory) {
        BufferExhaustedEvent event = new BufferExhaustedEvent();
        if (event.isEnabled()) {
            event.channel = channel.toString();
            event.receiveMemory = receiveMemory;
            event.commit();
        }
    }
}
