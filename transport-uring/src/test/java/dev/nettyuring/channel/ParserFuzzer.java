// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What the kernel writes of messages and addresses, read from any bytes whatever: nothing may be thrown, nothing looked at that
 * lies around them, and what is read is what a second, slow reader finds. Jazzer knows the method by its name.
 */
public final class ParserFuzzer {
    static final int MULTISHOT_INET = 0;
    static final int MULTISHOT_DOMAIN = 1;
    static final int MESSAGE_HEADER = 2;
    static final int INET_ADDRESS = 3;
    static final int DOMAIN_ADDRESS = 4;
    static final int DESCRIPTORS = 5;
    static final int PARSERS = 6;

    static final int CONTROL_ROOM = 256;
    static final int DOMAIN_NAME_ROOM = 112;

    private static final int START = 32;
    private static final DatagramFormat INET = new UringDatagramChannel().format();
    private static final DatagramFormat DOMAIN = new UringDomainDatagramChannel().format();

    private ParserFuzzer() {}

    /** The first byte chooses the parser, and the others are its message. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        int parser = Math.floorMod(data[0], PARSERS);
        byte[] message = Arrays.copyOfRange(data, 1, data.length);
        String told = read(parser, message, (byte) 0);
        check(told.equals(read(parser, message, (byte) -1)), "what lies around it was read", parser, message);
    }

    private static void check(boolean holds, String otherwise, int parser, byte[] message) {
        if (!holds) {
            throw new AssertionError(
                    otherwise + ": parser " + parser + ", " + HexFormat.of().formatHex(message));
        }
    }

    /** The memory ends with the message, so that an access behind it throws. */
    private static ByteBuffer surrounded(byte[] message, byte around) {
        byte[] memory = new byte[START + message.length];
        Arrays.fill(memory, 0, START, around);
        System.arraycopy(message, 0, memory, START, message.length);
        return ByteBuffer.wrap(memory).order(ByteOrder.nativeOrder());
    }

    private static String read(int parser, byte[] message, byte around) {
        ByteBuffer memory = surrounded(message, around);
        switch (parser) {
            case MULTISHOT_INET:
                return readMultishot(parser, memory, message, INET, PeerAddress.ROOM, CONTROL_ROOM);
            case MULTISHOT_DOMAIN:
                return readMultishot(parser, memory, message, DOMAIN, DOMAIN_NAME_ROOM, 0);
            case MESSAGE_HEADER:
                return readMessageHeader(memory, message);
            case INET_ADDRESS:
                return readInet(memory, message);
            case DOMAIN_ADDRESS:
                return readDomain(memory, message);
            default:
                return readDescriptors(message);
        }
    }

    private static String readMultishot(
            int parser, ByteBuffer memory, byte[] message, DatagramFormat format, int nameRoom, int controlRoom) {
        DatagramHeader header = new DatagramHeader();
        if (!header.readMultishot(memory, START, message.length, nameRoom, controlRoom)) {
            return "too short";
        }
        check(header.nameLength() <= nameRoom, "the name is longer than its room", parser, message);
        check(
                header.payloadAt() + header.payloadLength() == START + message.length,
                "the payload does not end with the message",
                parser,
                message);
        int controlAt = header.nameAt() + nameRoom;
        List<String> controls = controls(header);
        int said = memory.getInt(START + dev.nettyuring.jni.Abi.RECVMSG_OUT_CONTROLLEN);
        checkControls(parser, message, controls, memory, controlAt, said, controlRoom);
        header.readMultishot(memory, START, message.length, nameRoom, controlRoom);
        format.read(header);
        return header.payloadLength() + " " + header.isTruncated() + " " + format.sender() + controls;
    }

    private static String readMessageHeader(ByteBuffer memory, byte[] message) {
        int nameAt = START + SocketAbi.MSGHDR_SIZE;
        int controlAt = nameAt + PeerAddress.ROOM;
        int controlRoom = memory.capacity() - controlAt;
        if (controlRoom < 0) {
            return "too short";
        }
        DatagramHeader header = new DatagramHeader();
        header.readOnce(memory, START, nameAt, PeerAddress.ROOM, controlAt, controlRoom, message.length, START);
        List<String> controls = controls(header);
        int said = (int) memory.getLong(START + SocketAbi.MSGHDR_CONTROLLEN);
        checkControls(MESSAGE_HEADER, message, controls, memory, controlAt, said, controlRoom);
        header.readOnce(memory, START, nameAt, PeerAddress.ROOM, controlAt, controlRoom, message.length, START);
        INET.read(header);
        return header.payloadLength() + " " + header.isTruncated() + " " + INET.sender() + controls;
    }

    private static List<String> controls(DatagramHeader header) {
        List<String> controls = new ArrayList<>();
        while (header.nextControl()) {
            byte[] data = new byte[header.controlLength()];
            header.memory().get(header.controlAt(), data);
            controls.add(HexFormat.of().formatHex(data));
        }
        return controls;
    }

    /** As CMSG_FIRSTHDR, CMSG_NXTHDR and CMSG_DATA of cmsg(3) find them, of those that are whole. */
    private static void checkControls(
            int parser, byte[] message, List<String> found, ByteBuffer memory, int at, int said, int room) {
        ByteBuffer area =
                memory.slice(at, said < 0 || said > room ? room : said).order(ByteOrder.nativeOrder());
        List<String> expected = new ArrayList<>();
        while (area.remaining() >= SocketAbi.CMSGHDR_SIZE) {
            int begin = area.position();
            long length = area.getLong();
            if (length < SocketAbi.CMSGHDR_SIZE || length > area.limit() - begin) {
                break;
            }
            byte[] data = new byte[(int) length - SocketAbi.CMSGHDR_SIZE];
            area.position(begin + SocketAbi.CMSGHDR_SIZE);
            area.get(data);
            expected.add(HexFormat.of().formatHex(data));
            while (area.hasRemaining() && (area.position() - begin) % Long.BYTES != 0) {
                area.get();
            }
        }
        check(found.equals(expected), "control messages " + found + " instead of " + expected, parser, message);
    }

    private static String readInet(ByteBuffer memory, byte[] message) {
        InetSocketAddress read = new PeerAddresses().read(memory, START, message.length);
        ByteBuffer from = ByteBuffer.wrap(message).order(ByteOrder.nativeOrder());
        int family = message.length < Short.BYTES ? 0 : from.getShort(0);
        byte[] expected = null;
        if (family == SocketAbi.AF_INET && message.length >= SocketAbi.SOCKADDR_IN_SIZE) {
            expected = Arrays.copyOfRange(message, 4, 8);
        } else if (family == SocketAbi.AF_INET6 && message.length >= SocketAbi.SOCKADDR_IN6_SIZE) {
            expected = Arrays.copyOfRange(message, 8, 24);
            boolean mapped = HexFormat.of().formatHex(expected, 0, 12).equals("00000000000000000000ffff");
            expected = mapped && from.getInt(24) == 0 ? Arrays.copyOfRange(expected, 12, 16) : expected;
        }
        boolean same = expected == null
                ? read == null
                : Arrays.equals(read.getAddress().getAddress(), expected)
                        && read.getPort() == ((message[2] & 0xff) << 8 | message[3] & 0xff);
        check(same, "address " + read, INET_ADDRESS, message);
        return String.valueOf(read);
    }

    private static String readDomain(ByteBuffer memory, byte[] message) {
        DomainSocketAddress read = DomainAddresses.read(memory, START, message.length);
        ByteBuffer from = ByteBuffer.wrap(message).order(ByteOrder.nativeOrder());
        boolean known = message.length >= Short.BYTES && from.getShort(0) == SocketAbi.AF_UNIX;
        String expected = null;
        if (known) {
            expected = new String(message, 2, message.length - 2, java.nio.charset.StandardCharsets.UTF_8);
            expected = expected.startsWith("\0") ? expected : expected.replaceAll("\0+\\z", "");
        }
        check(
                known ? read.path().equals(expected) : read == null,
                "address " + read + " instead of " + expected,
                DOMAIN_ADDRESS,
                message);
        return String.valueOf(read);
    }

    private static String readDescriptors(byte[] message) {
        if (message.length < DescriptorReceive.CONTROL) {
            return "too short";
        }
        ByteBuffer memory = ByteBuffer.wrap(message).order(ByteOrder.nativeOrder());
        int room = message.length - DescriptorReceive.CONTROL;
        List<Integer> descriptors = new ArrayList<>();
        DescriptorReceive.read(memory, room, descriptors::add);
        check(descriptors.size() * Integer.BYTES <= room, "too many descriptors", DESCRIPTORS, message);
        return descriptors.toString();
    }
}
