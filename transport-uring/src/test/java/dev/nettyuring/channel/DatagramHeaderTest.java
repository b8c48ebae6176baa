// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.SocketAbi;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/**
 * Whatever stands where the kernel writes what it says of a datagram, nothing beyond the message is looked at: the memory ends
 * with it, so that an access beyond throws.
 */
class DatagramHeaderTest {
    private static final int NAME_ROOM = 32;
    private static final int CONTROL_ROOM = 256;
    private static final int HEADER = Abi.RECVMSG_OUT_SIZE + NAME_ROOM + CONTROL_ROOM;
    private static final int MAX_CONTROLS = CONTROL_ROOM / SocketAbi.CMSGHDR_SIZE;

    private UringDatagramChannel channel;
    private DatagramFormat format;

    /** A control message: what its header says of it, and how far the next one is. */
    private record Control(long length, int level, int type, int distance) {}

    @BeforeProperty
    void openChannel() {
        channel = new UringDatagramChannel();
        format = channel.format();
    }

    @AfterProperty
    void closeChannel() {
        channel.unsafe().closeForcibly();
    }

    @Property
    void anyBytesStayWithinTheMessage(
            @ForAll byte[] bytes,
            @ForAll @IntRange(max = 40) int start,
            @ForAll @IntRange(max = 14) int nameWords,
            @ForAll @IntRange(max = 32) int controlWords) {
        ByteBuffer memory = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        read(memory, start, bytes.length - start, nameWords * Long.BYTES, controlWords * Long.BYTES);
    }

    @Property
    void anyLengthsAndControlMessagesStayWithinTheMessage(
            @ForAll("lengths") int nameLength,
            @ForAll("lengths") int controlLength,
            @ForAll("lengths") int payloadLength,
            @ForAll("families") short family,
            @ForAll @IntRange(max = 100) int payload,
            @ForAll("controls") List<Control> controls) {
        ByteBuffer memory = ByteBuffer.allocate(HEADER + payload).order(ByteOrder.nativeOrder());
        memory.putInt(Abi.RECVMSG_OUT_NAMELEN, nameLength);
        memory.putInt(Abi.RECVMSG_OUT_CONTROLLEN, controlLength);
        memory.putInt(Abi.RECVMSG_OUT_PAYLOADLEN, payloadLength);
        memory.putShort(Abi.RECVMSG_OUT_SIZE, family);
        int at = Abi.RECVMSG_OUT_SIZE + NAME_ROOM;
        for (Control control : controls) {
            if (at + SocketAbi.CMSGHDR_SIZE <= HEADER) {
                memory.putLong(at + SocketAbi.CMSGHDR_LEN, control.length);
                memory.putInt(at + SocketAbi.CMSGHDR_LEVEL, control.level);
                memory.putInt(at + SocketAbi.CMSGHDR_TYPE, control.type);
                at += control.distance;
            }
        }
        assertThat(read(memory, 0, memory.capacity(), NAME_ROOM, CONTROL_ROOM)).isTrue();
    }

    private boolean read(ByteBuffer memory, int start, int length, int nameRoom, int controlRoom) {
        DatagramHeader header = new DatagramHeader();
        if (!header.readMultishot(memory, start, length, nameRoom, controlRoom)) {
            return false;
        }
        assertThat(header.nameAt()).isBetween(start, start + length);
        assertThat(header.nameAt() + header.nameLength()).isLessThanOrEqualTo(header.payloadAt());
        assertThat(header.payloadAt() + header.payloadLength()).isEqualTo(start + length);
        format.read(header);
        assertThat(header.nextControl()).as("all were looked at").isFalse();
        return true;
    }

    @Property
    void anyMessageHeaderStaysWithinTheBlock(
            @ForAll("lengths") int nameLength,
            @ForAll("lengths") int controlLength,
            @ForAll("families") short family,
            @ForAll @IntRange(max = 70_000) int length,
            @ForAll @Size(CONTROL_ROOM) byte[] controls) {
        int nameAt = SocketAbi.MSGHDR_SIZE;
        int controlAt = nameAt + NAME_ROOM;
        ByteBuffer memory = ByteBuffer.allocate(controlAt + CONTROL_ROOM).order(ByteOrder.nativeOrder());
        memory.putInt(SocketAbi.MSGHDR_NAMELEN, nameLength);
        memory.putLong(SocketAbi.MSGHDR_CONTROLLEN, controlLength);
        memory.putShort(nameAt, family);
        memory.put(controlAt, controls);
        DatagramHeader header = new DatagramHeader();
        header.readOnce(memory, 0, nameAt, NAME_ROOM, controlAt, CONTROL_ROOM, length, 2000);
        assertThat(header.payloadLength()).isLessThanOrEqualTo(2000);
        assertThat(header.isTruncated()).isEqualTo(length > 2000);
        format.read(header);
    }

    @Provide
    Arbitrary<Integer> lengths() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(0, CONTROL_ROOM + Long.BYTES),
                Arbitraries.of(Integer.MAX_VALUE, Integer.MIN_VALUE, -1),
                Arbitraries.integers());
    }

    @Provide
    Arbitrary<Short> families() {
        return Arbitraries.of((short) 0, (short) SocketAbi.AF_INET, (short) SocketAbi.AF_INET6, (short) 1, (short) -1);
    }

    @Provide
    Arbitrary<List<Control>> controls() {
        Arbitrary<Long> lengths = Arbitraries.oneOf(
                Arbitraries.longs().between(0, CONTROL_ROOM),
                Arbitraries.of(Long.MAX_VALUE, Long.MIN_VALUE, -1L, 1L << 32, (1L << 32) + 24));
        Arbitrary<Integer> levels =
                Arbitraries.of(SocketAbi.IPPROTO_IP, SocketAbi.IPPROTO_IPV6, SocketAbi.IPPROTO_UDP, -1);
        Arbitrary<Integer> types = Arbitraries.of(
                SocketAbi.IP_TOS,
                SocketAbi.IP_PKTINFO,
                SocketAbi.IP_ORIGDSTADDR,
                SocketAbi.IPV6_TCLASS,
                SocketAbi.IPV6_PKTINFO,
                SocketAbi.IPV6_ORIGDSTADDR,
                SocketAbi.UDP_GRO,
                -1);
        Arbitrary<Integer> distances = Arbitraries.of(16, 24, 32, 40, 48);
        return Combinators.combine(lengths, levels, types, distances)
                .as(Control::new)
                .list()
                .ofMaxSize(MAX_CONTROLS);
    }

    @Example
    void addressesAreReadAndKept() {
        ByteBuffer memory = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
        InetSocketAddress ipv4 = new InetSocketAddress("10.1.2.3", 40_000);
        int length = SocketAddresses.write(memory, ipv4, false);
        PeerAddresses addresses = new PeerAddresses();
        InetSocketAddress read = addresses.read(memory, 0, length);
        assertThat(read).isEqualTo(ipv4);
        assertThat(addresses.read(memory, 0, length)).isSameAs(read);
        assertThat(addresses.read(memory, 0, length - 1)).isNull();
        assertThat(addresses.read(memory, 0, 0)).isNull();
        for (int port = 1; port < 1000; port++) {
            InetSocketAddress ipv6 = new InetSocketAddress("fe80::1%" + (port % 3), port);
            int ipv6Length = SocketAddresses.write(memory, ipv6, true);
            assertThat(addresses.read(memory, 0, ipv6Length)).isEqualTo(ipv6);
        }
        assertThat(addresses.read(memory, 0, SocketAbi.SOCKADDR_IN_SIZE)).isNull();
    }
}
