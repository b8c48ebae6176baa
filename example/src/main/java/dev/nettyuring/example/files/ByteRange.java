// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.files;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bytes of a file that a response has.
 *
 * @param isPart false if nobody asked for a part, and the file is sent whole
 */
record ByteRange(long start, long length, boolean isPart) {
    private static final Pattern ONE_RANGE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

    static ByteRange whole(long size) {
        return new ByteRange(0, size, false);
    }

    /**
     * Reads a {@code range} header. Several ranges, or what is not understood, mean the whole file, as they may
     * (RFC 9110, 14.2).
     *
     * @return empty if the file has none of these bytes
     */
    static Optional<ByteRange> parse(String header, long size) {
        Matcher range = ONE_RANGE.matcher(header);
        if (!range.matches() || header.endsWith("=-")) {
            return Optional.of(whole(size));
        }
        if (range.group(1).isEmpty()) { // the last so many bytes
            long length = Math.min(Long.parseLong(range.group(2)), size);
            return length == 0 ? Optional.empty() : Optional.of(new ByteRange(size - length, length, true));
        }
        long start = Long.parseLong(range.group(1));
        long last = range.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(range.group(2));
        if (last < start) {
            return Optional.of(whole(size));
        }
        long end = last < size ? last + 1 : size;
        return start >= size ? Optional.empty() : Optional.of(new ByteRange(start, end - start, true));
    }

    /** As the header {@code content-range} says it. */
    String ofSize(long size) {
        return "bytes " + start + '-' + (start + length - 1) + '/' + size;
    }
}
