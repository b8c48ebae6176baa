// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.RegionFields;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** Which regions are files that the kernel can be told of; the others must be asked for their bytes. */
final class FileRegions {
    /** {@code null} if Netty's class is not as it is known. */
    private static final RegionFields FIELDS = fields();

    /** Whether a class that extends Netty's transfers files as that does. */
    private static final ClassValue<Boolean> TRANSFERS_AS_NETTY = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            try {
                return type.getMethod("transferTo", WritableByteChannel.class, long.class)
                                        .getDeclaringClass()
                                == DefaultFileRegion.class
                        && type.getMethod("transferred").getDeclaringClass() == DefaultFileRegion.class;
            } catch (NoSuchMethodException e) {
                return false;
            }
        }
    };

    private FileRegions() {}

    private static RegionFields fields() {
        try {
            return new RegionFields(DefaultFileRegion.class);
        } catch (NoSuchFieldError otherNetty) {
            return null;
        }
    }

    /**
     * The region's file, opened; {@code null} if it must be asked for its bytes.
     *
     * @throws IOException if it cannot be opened
     */
    static FileDescriptor open(FileRegion message) throws IOException {
        if (FIELDS == null || !(message instanceof DefaultFileRegion) || !TRANSFERS_AS_NETTY.get(message.getClass())) {
            return null;
        }
        ((DefaultFileRegion) message).open();
        FileDescriptor file = FIELDS.descriptor(message);
        return file != null && file.valid() ? file : null;
    }

    /** Where in its file the next byte is. */
    static long offset(FileRegion region) {
        return region.position() + region.transferred();
    }

    static long left(FileRegion region) {
        return region.count() - region.transferred();
    }

    /** So many bytes more of the region have been transferred. */
    static void transferred(DefaultFileRegion region, int bytes) {
        FIELDS.transferred(region, region.transferred() + bytes);
    }
}
