// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The library's name where shading tools have moved packages; that it loads by that name is the shaded jar's test. */
class LibraryNameTest {
    private static final String NETTY = "io.netty.util.internal.NativeLibraryLoader";
    private static final String OURS = "dev.nettyuring.jni.Native";

    @Test
    void nothingMoved() {
        assertThat(LibraryName.toLoad("x86_64", NETTY, OURS)).isEqualTo("netty_uring_x86_64");
        assertThat(LibraryName.resource("x86_64")).isEqualTo("META-INF/native/libnetty_uring_x86_64.so");
    }

    @Test
    void allMoved() {
        assertThat(LibraryName.toLoad("x86_64", "my.own_app." + NETTY, "my.own_app." + OURS))
                .as("Netty's loader puts the prefix before it")
                .isEqualTo("netty_uring_x86_64");
    }

    @Test
    void nettyLeftWhereItIs() {
        assertThat(LibraryName.toLoad("x86_64", NETTY, "my.own_app." + OURS))
                .isEqualTo("my_own_1app_netty_uring_x86_64");
    }

    @Test
    void differentPrefixes() {
        assertThatThrownBy(() -> LibraryName.toLoad("x86_64", "one." + NETTY, "other." + OURS))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessageContainingAll("one." + NETTY, "other." + OURS);
    }

    @Test
    void anotherNameThanAPrefixMakes() {
        assertThatThrownBy(() -> LibraryName.toLoad("x86_64", NETTY, "my.jni.Native"))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessageContainingAll(OURS, "my.jni.Native");
    }
}
