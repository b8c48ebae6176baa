// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name(FlightEvents.COMPLETION_OVERFLOW)
@Label("Completion Queue Overflow")
@Description(
        "More completed within a turn of the event loop than its completion queue holds; the kernel keeps the rest")
@Category({FlightEvents.CATEGORY, FlightEvents.SUBCATEGORY})
@StackTrace(false)
final class CompletionOverflowEvent extends Event {
    @Label("Completion Queue Entries")
    int entries;

    @Label("Operations in Flight")
    int operations;

    static void record(int entries, int operations) {
        CompletionOverflowEvent event = new CompletionOverflowEvent();
        if (event.isEnabled()) {
            event.entries = entries;
            event.operations = operations;
            event.commit();
        }
    }
}
