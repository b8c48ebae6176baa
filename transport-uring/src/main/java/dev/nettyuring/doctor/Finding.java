// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that is not as it could be.
 *
 * @param what is missing, and what comes of that
 * @param toDo what would mend it; empty if {@code what} says so
 */
record Finding(Weight weight, String what, String toDo) {
    /** How much it matters. */
    enum Weight {
        /** Hardly. */
        NOTE,
        /** Something goes slower, or takes more memory, than it need. */
        MATTERS,
        /** The transport cannot be used. */
        FALLS_BACK
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("weight", weight.name());
        map.put("what", what);
        map.put("toDo", toDo);
        return map;
    }
}
