// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Bodies that compress badly and repeat nowhere, and their checksums. Both ends make the same ones. */
final class Payload {
    static final int ONE_BYTE = 1;
    static final int MEDIUM = 100 << 10;
    static final int LARGE = 10 << 20;

    private static final Map<Integer, byte[]> BY_SIZE = new ConcurrentHashMap<>();

    private Payload() {}

    /** The sizes that every protocol has to carry both ways. */
    static Stream<Integer> sizes() {
        return Stream.of(ONE_BYTE, MEDIUM, LARGE);
    }

    /** The one body of a size; not to be changed. */
    static byte[] bytes(int size) {
        return BY_SIZE.computeIfAbsent(size, key -> {
            byte[] bytes = new byte[key];
            new Random(key).nextBytes(bytes);
            return bytes;
        });
    }

    /** Of the one body of a size. */
    static String sha256(int size) {
        return sha256(bytes(size));
    }

    static String sha256(byte[] bytes) {
        return hex(newDigest().digest(bytes));
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest = newDigest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return hex(digest.digest());
    }

    static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
