// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Lengths that lead nowhere, or too far. */
class LengthsTest {
    private static final int MAX_DATAGRAM_BYTES = 65_535;

    /** With its header it would be more than an int holds, and taken for little. */
    @Test
    void aPayloadLargerThanAnyDatagramMeansAny() {
        UringDatagramChannel channel = new UringDatagramChannel();
        try {
            channel.config().setMaxDatagramPayloadSize(MAX_DATAGRAM_BYTES);
            assertThat(channel.payloadRoom()).isEqualTo(MAX_DATAGRAM_BYTES);
            for (int more : new int[] {MAX_DATAGRAM_BYTES + 1, Integer.MAX_VALUE}) {
                channel.config().setMaxDatagramPayloadSize(more);
                assertThat(channel.payloadRoom()).isEqualTo(AbstractUringDatagramChannel.ANY_SIZE);
            }
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    @Test
    void anAddressThatIsCutShortIsNone() {
        ByteBuffer memory = ByteBuffer.allocate(SocketAbi.SOCKADDR_IN6_SIZE).order(ByteOrder.nativeOrder());
        memory.putShort(0, (short) SocketAbi.AF_INET);
        assertThat(SocketAddresses.read(memory, 0)).isNull();
        assertThat(SocketAddresses.read(memory, Short.BYTES)).isNull();
        assertThat(SocketAddresses.read(memory, SocketAbi.SOCKADDR_IN_SIZE - 1)).isNull();
        assertThat(SocketAddresses.read(memory, SocketAbi.SOCKADDR_IN_SIZE)).isNotNull();
        memory.putShort(0, (short) SocketAbi.AF_INET6);
        assertThat(SocketAddresses.read(memory, SocketAbi.SOCKADDR_IN6_SIZE - 1))
                .isNull();
        assertThat(SocketAddresses.read(memory, SocketAbi.SOCKADDR_IN6_SIZE)).isNotNull();
    }
}
