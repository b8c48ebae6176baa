// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

@Name(FlightEvents.SLOW_TURN)
@Label("Slow Turn")
@Description("An event loop was busy with handlers and tasks for so long before it looked for events again")
@Category({FlightEvents.CATEGORY, FlightEvents.SUBCATEGORY})
@Threshold("20 ms")
@StackTrace(false)
final class SlowTurnEvent extends Event {
    @Label("Time in Handlers")
    @Description("In which completions were handled; the rest of the duration ran tasks, the loop's own among them")
    @Timespan(Timespan.NANOSECONDS)
    long handlers;

    @Label("Completions")
    @Description("How many operations' completions were handled")
    int completions;
}
