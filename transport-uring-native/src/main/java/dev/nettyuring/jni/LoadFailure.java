// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import io.netty.util.internal.PlatformDependent;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Says in one line why the native library does not load, and what would mend that. */
final class LoadFailure {
    /** Netty's names of what the library is built for. */
    private static final List<String> ARCHITECTURES = List.of("x86_64", "aarch_64", "riscv64");

    private static final String WORKDIR = "io.netty.native.workdir"; // alone, so that shading tools rename it

    private LoadFailure() {}

    /** The failure with that line as its message, and what was thrown as its cause. */
    static UnsatisfiedLinkError explain(Throwable thrown) {
        return explain(thrown, PlatformDependent.normalizedArch(), Native.class.getClassLoader());
    }

    static UnsatisfiedLinkError explain(Throwable thrown, String architecture, ClassLoader loader) {
        UnsatisfiedLinkError explained = new UnsatisfiedLinkError(reason(thrown, architecture, loader));
        explained.initCause(thrown);
        return explained;
    }

    private static String reason(Throwable thrown, String architecture, ClassLoader loader) {
        if (!ARCHITECTURES.contains(architecture)) {
            return "there is no native library for the architecture " + System.getProperty("os.arch")
                    + " (x86-64, AArch64 and RISC-V 64 have one)";
        }
        if (loader.getResource(LibraryName.resource(architecture)) == null) {
            return missing(architecture, loader);
        }
        String message = oneLine(thrown);
        String folder = System.getProperty(WORKDIR, System.getProperty("java.io.tmpdir"));
        if (message.contains("failed to map segment") || message.contains("cannot be executed")) {
            return "the native library cannot be executed in " + folder
                    + ", which is mounted noexec; name a folder where that is allowed: " + workdirOption();
        }
        if (message.contains("GLIBC_") || message.contains("ld-linux") || message.contains("symbol not found")) {
            return "the native library needs glibc 2.31 or newer, which this system does not have (Alpine's musl is not"
                    + " glibc): " + message;
        }
        if (thrown.getCause() instanceof IOException) {
            return "the native library cannot be written to " + folder + " (" + message + "); name a folder that can be"
                    + " written to: " + workdirOption();
        }
        if (hasCause(thrown, IllegalCallerException.class)) {
            return "this JVM does not let code on the class path load libraries; start it with"
                    + " --enable-native-access=ALL-UNNAMED";
        }
        return "the native library does not load: " + message;
    }

    private static String workdirOption() {
        return String.format("-D%s=DIR", WORKDIR);
    }

    private static String missing(String architecture, ClassLoader loader) {
        List<String> present = new ArrayList<>(ARCHITECTURES);
        present.removeIf(other -> loader.getResource(LibraryName.resource(other)) == null);
        String found = present.isEmpty() ? "none" : String.join(", ", present);
        return "the native library for " + architecture + " is not on the class path (found: " + found
                + "); transport-uring-native's jar has it in META-INF/native, where a shaded jar must have it as "
                + LibraryName.resource(architecture);
    }

    private static boolean hasCause(Throwable thrown, Class<? extends Throwable> type) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    /** The messages of a throwable, its causes and what they suppressed: some loader's says the most. */
    private static String oneLine(Throwable thrown) {
        List<String> messages = new ArrayList<>();
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            add(messages, cause);
        }
        return String.join("; ", messages);
    }

    private static void add(List<String> messages, Throwable thrown) {
        String message = thrown.getMessage() == null
                ? thrown.getClass().getSimpleName()
                : thrown.getMessage().replaceAll("\\s+", " ").trim();
        if (thrown instanceof FileNotFoundException) {
            message = "cannot open " + message;
        }
        if (!messages.contains(message)) {
            messages.add(message);
        }
    }
}
