// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import dev.nettyuring.ring.Feature;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A feature of newer kernels, and what becomes of it here.
 *
 * @param found whether it is in use
 * @param switchedOff whether the user does without it
 */
record FeatureUse(Feature feature, boolean found, boolean switchedOff) {
    /** What takes its place where it is missing. */
    String without() {
        return switch (feature) {
            case REGISTERED_RING -> "each io_uring_enter looks up its fd";
            case NO_IOWAIT -> "idle event loops look to monitoring like processors that wait for a disk";
            case PBUF_RING -> "each read waits for data and then allocates: two operations in place of one";
            case NO_SQARRAY -> "submissions go through an index array";
            case SEND_ZC -> "large writes are copied";
            case FIXED_BUFFERS -> "zero-copy sends look up their memory's pages each time";
            case FIXED_SENDMSG -> "zero-copy sends of several pieces look up their memory's pages each time";
            case CLONE_BUFFERS -> "each event loop registers, and locks, the memory that is sent from by itself";
            case PBUF_INC -> "each message takes a whole receive buffer";
            case CACHESTAT -> "files from 512 KiB on go through another thread, and smaller ones are copied, though they are cached";
        };
    }

    /** The weight of its absence. */
    Finding.Weight weight() {
        return switch (feature) {
            case PBUF_RING, PBUF_INC, SEND_ZC, FIXED_BUFFERS -> Finding.Weight.MATTERS;
            default -> Finding.Weight.NOTE;
        };
    }

    Finding absence() {
        String what = feature + " is not in use: " + without();
        return switchedOff
                ? new Finding(Finding.Weight.NOTE, what, "it is switched off by -D" + Feature.DISABLE_PROPERTY)
                : new Finding(weight(), what, "Linux " + feature.sinceKernel() + " or newer has it");
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", feature.name());
        map.put("found", found);
        map.put("switchedOff", switchedOff);
        map.put("use", feature.use());
        map.put("without", without());
        map.put("sinceKernel", feature.sinceKernel());
        return map;
    }
}
