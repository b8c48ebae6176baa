// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import io.netty.util.internal.NativeLibraryLoader;

/**
 * The native library's name, which begins with what a shading tool has put before the packages' names, as those of Netty's own
 * native libraries do: the library finds its class by that, and two copies in one program do not take each other's.
 */
final class LibraryName {
    // strings that shading tools do not take for names of packages
    private static final String NETTYS_LOADER = "io!netty!util!internal!NativeLibraryLoader";
    private static final String OUR_NATIVE = "dev!nettyuring!jni!Native";

    private LibraryName() {}

    /**
     * What {@link NativeLibraryLoader#load} is to be asked for: it puts Netty's own prefix before that.
     *
     * @throws UnsatisfiedLinkError if Netty has a prefix, and this class another or none
     */
    static String toLoad(String architecture) {
        return toLoad(architecture, NativeLibraryLoader.class.getName(), Native.class.getName());
    }

    static String toLoad(String architecture, String nettysLoader, String ourNative) {
        String nettys = prefix(nettysLoader, NETTYS_LOADER);
        String ours = prefix(ourNative, OUR_NATIVE);
        if (!nettys.isEmpty() && !nettys.equals(ours)) {
            throw new UnsatisfiedLinkError(
                    "shading must put the same before all packages, and has " + nettysLoader + " but " + ourNative);
        }
        String mangled = ours.replace("_", "_1").replace('.', '_');
        return (nettys.isEmpty() ? mangled : "") + "netty_uring_" + architecture;
    }

    /** Where the library lies on the class path. */
    static String resource(String architecture) {
        String mangled =
                prefix(Native.class.getName(), OUR_NATIVE).replace("_", "_1").replace('.', '_');
        return "META-INF/native/" + System.mapLibraryName(mangled + "netty_uring_" + architecture);
    }

    private static String prefix(String name, String original) {
        String expected = original.replace('!', '.');
        if (!name.endsWith(expected)) {
            throw new UnsatisfiedLinkError(
                    "shading can only put something before the name of a package: " + expected + " is now " + name);
        }
        return name.substring(0, name.length() - expected.length());
    }
}
