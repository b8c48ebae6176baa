// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;

/** A part of a seed's work, beside the connections or instead of them. */
interface Piece {
    /** Those that there are. */
    enum Kind {
        DATAGRAMS(Datagrams::new),
        FILES(Files::new),
        OWN_BUFFERS(OwnBuffers::new),
        SPLICES(Splices::new),
        POLLS(Polls::new),
        DESCRIPTORS(Descriptors::new);

        private final BiFunction<Site, Random, Piece> make;

        Kind(BiFunction<Site, Random, Piece> make) {
            this.make = make;
        }

        Piece make(Site site, Random random) {
            return make.apply(site, random);
        }
    }

    /** Opens what it needs. There are no faults yet. */
    void begin() throws Exception;

    /** Begins its work; faults may be by now. */
    void start();

    /** Whether all is done, and closed. */
    boolean isOver();

    /** Adds what is wrong after its end; the loops have ended as well. */
    void check(List<String> wrong) throws Exception;
}
