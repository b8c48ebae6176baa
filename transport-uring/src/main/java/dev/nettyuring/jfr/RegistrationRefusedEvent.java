// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name(FlightEvents.REGISTRATION_REFUSED)
@Label("Send Memory Not Registered")
@Description("The event loop registers no more before a slab is unmapped; zero-copy sends from others go unregistered")
@Category({FlightEvents.CATEGORY, FlightEvents.SUBCATEGORY})
@StackTrace(false)
final class RegistrationRefusedEvent extends Event {
    @Label("Reason")
    String reason;

    @Label("Size")
    @DataAmount(DataAmount.BYTES)
    long size;

    @Label("Registered Before")
    @DataAmount(DataAmount.BYTES)
    long registered;

    static void record(String reason, long size, long registered) {
        RegistrationRefusedEvent event = new RegistrationRefusedEvent();
        if (event.isEnabled()) {
            event.reason = reason;
            event.size = size;
            event.registered = registered;
            event.commit();
        }
    }
}
