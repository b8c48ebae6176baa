// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * {@code struct tcp_info} of the kernel, as of the moment it was asked for. Times are in microseconds unless they say
 * otherwise, sizes in bytes, windows in segments. Immutable.
 */
public final class UringTcpInfo {
    /** Eight bytes of flags stand in front of the 32-bit words. */
    private static final int WORDS = 8;

    private static final int WORD_COUNT = 24;

    private final int state;
    private final int caState;
    private final int retransmits;
    private final int probes;
    private final int backoff;
    private final int options;
    private final int[] words;

    private UringTcpInfo(ByteBuffer memory, int length) {
        state = memory.get(0);
        caState = memory.get(1);
        retransmits = memory.get(2) & 0xff;
        probes = memory.get(3) & 0xff;
        backoff = memory.get(4) & 0xff;
        options = memory.get(5) & 0xff;
        words = new int[WORD_COUNT];
        for (int i = 0; i < WORD_COUNT && WORDS + (i + 1) * Integer.BYTES <= length; i++) {
            words[i] = memory.getInt(WORDS + i * Integer.BYTES);
        }
    }

    static UringTcpInfo read(ByteBuffer memory, int length) {
        return new UringTcpInfo(memory, length);
    }

    private long word(int index) {
        return words[index] & 0xffff_ffffL;
    }

    /** The connection's state: 1 is ESTABLISHED, 8 CLOSE_WAIT, 10 LISTEN (net/tcp_states.h). */
    public int state() {
        return state;
    }

    /** The congestion state: 0 is open, 4 loss. */
    public int caState() {
        return caState;
    }

    /** Retransmissions in a row without an acknowledgement. */
    public int retransmits() {
        return retransmits;
    }

    /** Zero-window probes without an answer. */
    public int probes() {
        return probes;
    }

    /** How often the retransmission timer has doubled. */
    public int backoff() {
        return backoff;
    }

    /** The negotiated options, TCPI_OPT_*. */
    public int options() {
        return options;
    }

    /** The retransmission timeout. */
    public long rto() {
        return word(0);
    }

    /** The delayed-acknowledgement timeout. */
    public long ato() {
        return word(1);
    }

    /** The largest segment that is sent. */
    public long sndMss() {
        return word(2);
    }

    /** The largest segment that was received. */
    public long rcvMss() {
        return word(3);
    }

    /** Segments sent and not acknowledged. */
    public long unacked() {
        return word(4);
    }

    /** Segments acknowledged selectively. */
    public long sacked() {
        return word(5);
    }

    /** Segments thought lost. */
    public long lost() {
        return word(6);
    }

    /** Segments sent again and not acknowledged. */
    public long retrans() {
        return word(7);
    }

    /** Segments acknowledged ahead of lost ones. */
    public long fackets() {
        return word(8);
    }

    /** Milliseconds since data was last sent. */
    public long lastDataSent() {
        return word(9);
    }

    /** Milliseconds since data was last received. */
    public long lastDataRecv() {
        return word(11);
    }

    /** Milliseconds since an acknowledgement was last received. */
    public long lastAckRecv() {
        return word(12);
    }

    /** The path MTU. */
    public long pmtu() {
        return word(13);
    }

    /** The slow-start threshold of the receive window. */
    public long rcvSsthresh() {
        return word(14);
    }

    /** The smoothed round-trip time. */
    public long rtt() {
        return word(15);
    }

    /** The round-trip time's mean deviation. */
    public long rttvar() {
        return word(16);
    }

    /** The slow-start threshold. */
    public long sndSsthresh() {
        return word(17);
    }

    /** The congestion window. */
    public long sndCwnd() {
        return word(18);
    }

    /** The largest segment that is advertised. */
    public long advmss() {
        return word(19);
    }

    /** How many reordered segments are tolerated. */
    public long reordering() {
        return word(20);
    }

    /** The receiver's estimate of the round-trip time. */
    public long rcvRtt() {
        return word(21);
    }

    /** The receive buffer's room. */
    public long rcvSpace() {
        return word(22);
    }

    /** Retransmissions in all. */
    public long totalRetrans() {
        return word(23);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof UringTcpInfo
                && state == ((UringTcpInfo) o).state
                && Arrays.equals(words, ((UringTcpInfo) o).words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    @Override
    public String toString() {
        return "UringTcpInfo(state: " + state + ", rtt: " + rtt() + " us, sndCwnd: " + sndCwnd() + ", unacked: "
                + unacked() + ", totalRetrans: " + totalRetrans() + ')';
    }
}
