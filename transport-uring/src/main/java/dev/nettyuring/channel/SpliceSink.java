// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

/** Where a splice's bytes go. The source's thread calls it. */
interface SpliceSink {
    /** The splice comes after all that goes to the same place and began before. */
    void begin(Splice splice);

    /** There is more in the pipe than before, or nothing more comes. */
    void moreTaken();

    /** The source can do nothing before the sink has made room, or has it all. */
    default void awaited() {}
}
