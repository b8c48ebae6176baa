// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Messages as the kernel writes them, and some that it never should, for {@link ParserFuzzer} to begin with. */
final class ParserSeeds {
    private static final int PAYLOAD = 3;

    private ParserSeeds() {}

    static List<byte[]> all() {
        return List.of(
                input(
                        ParserFuzzer.MULTISHOT_INET,
                        multishot(SocketAbi.SOCKADDR_IN_SIZE, inet(), controls(), controls().length)),
                input(
                        ParserFuzzer.MULTISHOT_INET,
                        multishot(SocketAbi.SOCKADDR_IN6_SIZE, inet6(), controls(), controls().length)),
                input(ParserFuzzer.MULTISHOT_INET, multishot(-1, inet6(), endless(), Integer.MAX_VALUE)),
                input(ParserFuzzer.MULTISHOT_DOMAIN, domainMultishot()),
                input(ParserFuzzer.MESSAGE_HEADER, messageHeader(controls(), controls().length)),
                input(ParserFuzzer.MESSAGE_HEADER, messageHeader(endless(), -1)),
                input(ParserFuzzer.INET_ADDRESS, inet()),
                input(ParserFuzzer.INET_ADDRESS, inet6()),
                input(ParserFuzzer.DOMAIN_ADDRESS, domain("/run/socket\0")),
                input(ParserFuzzer.DOMAIN_ADDRESS, domain("\0abstract")),
                input(ParserFuzzer.DOMAIN_ADDRESS, domain("\0\0\0")),
                input(ParserFuzzer.DESCRIPTORS, descriptors(2 * Integer.BYTES, SocketAbi.CMSGHDR_SIZE + 8)),
                input(ParserFuzzer.DESCRIPTORS, descriptors(SocketAbi.CMSGHDR_SIZE, 0)),
                input(ParserFuzzer.DESCRIPTORS, descriptors(Integer.MAX_VALUE, Integer.MAX_VALUE)));
    }

    static byte[] input(int parser, byte[] message) {
        return memory(1 + message.length).put((byte) parser).put(message).array();
    }

    private static ByteBuffer memory(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
    }

    private static byte[] inet() {
        return memory(SocketAbi.SOCKADDR_IN_SIZE)
                .putShort((short) SocketAbi.AF_INET)
                .put(new byte[] {0x12, 0x34, 127, 0, 0, 1})
                .array();
    }

    private static byte[] inet6() {
        ByteBuffer memory = memory(SocketAbi.SOCKADDR_IN6_SIZE);
        memory.putShort((short) SocketAbi.AF_INET6).put(new byte[] {0x12, 0x34});
        return memory.putInt(0).putShort((short) 0x80fe).putInt(24, 3).array();
    }

    private static byte[] domain(String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        return memory(Short.BYTES + bytes.length)
                .putShort((short) SocketAbi.AF_UNIX)
                .put(bytes)
                .array();
    }

    private static void control(ByteBuffer memory, int level, int type, int length) {
        int end = DatagramHeader.writeControl(memory, memory.position(), level, type, length);
        memory.position(end);
    }

    private static byte[] controls() {
        ByteBuffer memory = memory(ParserFuzzer.CONTROL_ROOM);
        control(memory, SocketAbi.IPPROTO_IP, SocketAbi.IP_TOS, 1);
        control(memory, SocketAbi.IPPROTO_UDP, SocketAbi.UDP_GRO, Integer.BYTES);
        control(memory, SocketAbi.IPPROTO_IP, SocketAbi.IP_PKTINFO, SocketAbi.IN_PKTINFO_SIZE);
        control(memory, SocketAbi.IPPROTO_IPV6, SocketAbi.IPV6_PKTINFO, SocketAbi.IN6_PKTINFO_SIZE);
        control(memory, SocketAbi.IPPROTO_IPV6, SocketAbi.IPV6_ORIGDSTADDR, SocketAbi.SOCKADDR_IN6_SIZE);
        memory.put(memory.position() - SocketAbi.SOCKADDR_IN6_SIZE - Integer.BYTES, inet6());
        byte[] controls = new byte[memory.position()];
        memory.get(0, controls);
        return controls;
    }

    /** Control messages that say they are 0 bytes long, or as many as there can be. */
    private static byte[] endless() {
        return memory(ParserFuzzer.CONTROL_ROOM)
                .putLong(Long.BYTES * 5, Long.MAX_VALUE)
                .array();
    }

    private static byte[] multishot(int nameLength, byte[] name, byte[] controls, int controlLength) {
        int nameAt = Abi.RECVMSG_OUT_SIZE;
        int controlAt = nameAt + PeerAddress.ROOM;
        ByteBuffer memory = memory(controlAt + ParserFuzzer.CONTROL_ROOM + PAYLOAD);
        memory.putInt(Abi.RECVMSG_OUT_NAMELEN, nameLength).putInt(Abi.RECVMSG_OUT_CONTROLLEN, controlLength);
        memory.putInt(Abi.RECVMSG_OUT_PAYLOADLEN, PAYLOAD);
        return memory.put(nameAt, name).put(controlAt, controls).array();
    }

    private static byte[] domainMultishot() {
        byte[] name = domain("/tmp/peer\0");
        ByteBuffer memory = memory(Abi.RECVMSG_OUT_SIZE + ParserFuzzer.DOMAIN_NAME_ROOM + PAYLOAD);
        memory.putInt(Abi.RECVMSG_OUT_NAMELEN, name.length).putInt(Abi.RECVMSG_OUT_PAYLOADLEN, PAYLOAD);
        return memory.put(Abi.RECVMSG_OUT_SIZE, name).array();
    }

    private static byte[] messageHeader(byte[] controls, int controlLength) {
        int nameAt = SocketAbi.MSGHDR_SIZE;
        int controlAt = nameAt + PeerAddress.ROOM;
        ByteBuffer memory = memory(controlAt + controls.length);
        memory.putInt(SocketAbi.MSGHDR_NAMELEN, SocketAbi.SOCKADDR_IN_SIZE);
        memory.putLong(SocketAbi.MSGHDR_CONTROLLEN, controlLength);
        return memory.put(nameAt, inet()).put(controlAt, controls).array();
    }

    private static byte[] descriptors(int dataLength, int controlLength) {
        int at = DescriptorReceive.CONTROL;
        ByteBuffer memory = memory(at + SocketAbi.CMSGHDR_SIZE + 2 * Integer.BYTES);
        memory.putLong(SocketAbi.MSGHDR_CONTROLLEN, controlLength);
        memory.putLong(at + SocketAbi.CMSGHDR_LEN, SocketAbi.CMSGHDR_SIZE + (long) dataLength);
        memory.putInt(at + SocketAbi.CMSGHDR_LEVEL, SocketAbi.SOL_SOCKET);
        memory.putInt(at + SocketAbi.CMSGHDR_TYPE, SocketAbi.SCM_RIGHTS);
        memory.putInt(at + SocketAbi.CMSGHDR_SIZE, 5).putInt(at + SocketAbi.CMSGHDR_SIZE + Integer.BYTES, 6);
        return memory.array();
    }
}
