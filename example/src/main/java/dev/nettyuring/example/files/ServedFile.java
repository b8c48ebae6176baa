// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.files;

import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Optional;

/** A file that somebody may have, as it was when he asked. */
record ServedFile(Path path, long size, Instant modified) {
    private static final String INDEX = "index.html";
    private static final Map<String, String> CONTENT_TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "txt", "text/plain; charset=utf-8",
            "md", "text/plain; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml",
            "png", "image/png",
            "jpg", "image/jpeg");

    /**
     * Finds the file that a request names; of a directory, with a slash at its end, {@code index.html}.
     *
     * @param root a real path, which neither {@code ..} nor symbolic links lead out of
     * @throws IllegalArgumentException if it is not the path of any file
     * @throws AccessDeniedException if it lies elsewhere, or nobody may read it
     */
    static ServedFile find(Path root, String uri) throws IOException {
        String decoded = new QueryStringDecoder(uri).path();
        if (!decoded.startsWith("/")) {
            throw new IllegalArgumentException(uri);
        }
        String relative = decoded.substring(1);
        Path named = root.resolve(relative.isEmpty() || relative.endsWith("/") ? relative + INDEX : relative);
        if (!named.normalize().startsWith(root)) { // asked before the file system is, which would tell what is there
            throw new AccessDeniedException(uri);
        }
        Path real = named.normalize().toRealPath();
        if (!real.startsWith(root) || !Files.isReadable(real)) {
            throw new AccessDeniedException(uri);
        }
        BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) { // opening a named pipe would wait for its writer
            throw new NoSuchFileException(uri);
        }
        return new ServedFile(
                real, attributes.size(), attributes.lastModifiedTime().toInstant());
    }

    /** Sets the headers that all responses about it have. */
    void describe(HttpHeaders headers) {
        String name = path.getFileName().toString();
        String extension = name.substring(name.lastIndexOf('.') + 1);
        headers.set(HttpHeaderNames.CONTENT_TYPE, CONTENT_TYPES.getOrDefault(extension, "application/octet-stream"))
                .set("x-content-type-options", "nosniff")
                .set(HttpHeaderNames.ETAG, tag())
                .set(HttpHeaderNames.LAST_MODIFIED, lastModified())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache"); // that is: keep it, and ask whether it has changed
    }

    private String tag() {
        return '"'
                + Long.toHexString(size)
                + '-'
                + Long.toHexString(modified.getEpochSecond())
                + '.'
                + modified.getNano()
                + '"';
    }

    private String lastModified() {
        return DateFormatter.format(Date.from(modified));
    }

    /** Whether the client has it as it is (RFC 9110, 13.2.2): of a tag and a date the tag counts. */
    boolean isKnownTo(HttpHeaders request) {
        if (!request.contains(HttpHeaderNames.IF_NONE_MATCH)) {
            Date since = DateFormatter.parseHttpDate(request.get(HttpHeaderNames.IF_MODIFIED_SINCE, ""));
            return since != null
                    && modified.getEpochSecond() <= since.toInstant().getEpochSecond();
        }
        for (String tags : request.getAll(HttpHeaderNames.IF_NONE_MATCH)) {
            for (String tag : tags.split(",")) {
                if (tag.trim().equals("*") || tag.trim().replaceFirst("^W/", "").equals(tag())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The part that the client asks for, unless it has to be of a file that has changed; empty if there is no such part. */
    Optional<ByteRange> rangeFor(HttpHeaders request) {
        String range = request.get(HttpHeaderNames.RANGE);
        String condition = request.get(HttpHeaderNames.IF_RANGE);
        boolean applies =
                range != null && (condition == null || condition.equals(tag()) || condition.equals(lastModified()));
        return applies ? ByteRange.parse(range, size) : Optional.of(ByteRange.whole(size));
    }
}
