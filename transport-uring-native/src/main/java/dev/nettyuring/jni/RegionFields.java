// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import java.io.FileDescriptor;
import java.nio.channels.FileChannel;

/**
 * What Netty's {@code DefaultFileRegion} and the JDK's file channels keep to themselves, and Netty's own native transports use:
 * through JNI, which asks for no {@code --add-opens}. Any thread that may use the region.
 */
public final class RegionFields {
    private static final long FD = Native.fieldId(FileDescriptor.class, "fd", "I");
    private static final Class<?> CHANNEL_CLASS;
    private static final long CHANNEL_DESCRIPTOR;

    static {
        Class<?> channelClass = null;
        long descriptor = 0;
        try {
            channelClass = Class.forName("sun.nio.ch.FileChannelImpl");
            descriptor = Native.fieldId(channelClass, "fd", "Ljava/io/FileDescriptor;");
        } catch (ClassNotFoundException | NoSuchFieldError otherJdk) {
            channelClass = null; // its file channels are like any other implementation's
        }
        CHANNEL_CLASS = channelClass;
        CHANNEL_DESCRIPTOR = descriptor;
    }

    private final long channel;
    private final long transferred;

    /**
     * Finds the fields.
     *
     * @param regionClass Netty's {@code DefaultFileRegion}
     * @throws NoSuchFieldError if it is another than the one that is known
     */
    public RegionFields(Class<?> regionClass) {
        channel = Native.fieldId(regionClass, "file", "Ljava/nio/channels/FileChannel;");
        transferred = Native.fieldId(regionClass, "transferred", "J");
    }

    /**
     * The descriptor of the file that a region has open; {@code null} if it has none open, or its {@link FileChannel} is not
     * the JDK's own, as that of a file system in memory.
     */
    public FileDescriptor descriptor(Object region) {
        Object file = Native.objectField(region, channel);
        return file != null && file.getClass() == CHANNEL_CLASS
                ? (FileDescriptor) Native.objectField(file, CHANNEL_DESCRIPTOR)
                : null;
    }

    /** The number of a channel's file descriptor; negative if it is closed, or the channel is not the JDK's own. */
    public static int fd(FileChannel file) {
        return file.getClass() == CHANNEL_CLASS
                ? fd((FileDescriptor) Native.objectField(file, CHANNEL_DESCRIPTOR))
                : -1;
    }

    /** Sets how many of the region's bytes have been transferred. */
    public void transferred(Object region, long bytes) {
        Native.setLongField(region, transferred, bytes);
    }

    /** The number of a file descriptor; negative if it is closed. */
    public static int fd(FileDescriptor descriptor) {
        return Native.intField(descriptor, FD);
    }
}
