// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrariesTest {
    private static final List<String> NETTY = List.of(
            "netty-common", "netty-buffer", "netty-resolver", "netty-transport", "netty-transport-native-unix-common");
    private static final List<String> OURS = List.of("transport-uring-native", "buffer-pool");
    private static final String VERSION = "0.1.0";

    @TempDir
    private Path root;

    private Path file(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.createFile(file);
    }

    private void folderOfAll(String folder, String nettyVersion) throws IOException {
        for (String name : NETTY) {
            file(folder + name + '-' + nettyVersion + ".jar");
        }
        for (String name : OURS) {
            file(folder + name + '-' + VERSION + ".jar");
        }
    }

    private void repository(String nettyVersion, String ourVersion) throws IOException {
        for (String name : NETTY) {
            file("repository/io/netty/" + name + '/' + nettyVersion + '/' + name + '-' + nettyVersion + ".jar");
        }
        for (String name : OURS) {
            file("repository/dev/nettyuring/" + name + '/' + ourVersion + '/' + name + '-' + ourVersion + ".jar");
        }
    }

    private Libraries of(Path jar) {
        return new Libraries(jar, VERSION, root.resolve("repository"));
    }

    @Test
    void besideTheJar() throws IOException {
        folderOfAll("app/", "4.2.18.Final");
        file("app/netty-transport-4.2.18.Final-sources.jar");
        Libraries libraries = of(file("app/transport-uring-0.1.0.jar"));
        assertThat(libraries.missing()).isEmpty();
        assertThat(libraries.found()).hasSize(NETTY.size() + OURS.size()).noneMatch(jar -> jar.toString()
                .endsWith("-sources.jar"));
    }

    @Test
    void inAFolderThereWithEpoll() throws IOException {
        folderOfAll("app/lib/", "4.2.18.Final");
        Path epoll = file("app/lib/netty-transport-classes-epoll-4.2.18.Final.jar");
        Libraries libraries = of(file("app/transport-uring-0.1.0.jar"));
        assertThat(libraries.missing()).isEmpty();
        assertThat(libraries.found()).contains(epoll);
    }

    @Test
    void inARepositoryTheNewestNetty42() throws IOException {
        repository("4.2.9.Final", "0.0.9");
        repository("4.2.18.Final", VERSION);
        for (String name : NETTY) {
            file("repository/io/netty/" + name + "/4.1.118.Final/" + name + "-4.1.118.Final.jar");
        }
        Libraries libraries =
                of(file("repository/dev/nettyuring/transport-uring/" + VERSION + "/transport-uring-0.1.0.jar"));
        assertThat(libraries.missing()).isEmpty();
        assertThat(libraries.found())
                .hasSize(NETTY.size() + OURS.size())
                .allMatch(jar -> jar.toString().contains("4.2.18.Final")
                        || jar.toString().contains(VERSION));
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        folderOfAll("app/", "4.2.18.Final");
        Files.delete(root.resolve("app/netty-transport-4.2.18.Final.jar"));
        Files.delete(root.resolve("app/buffer-pool-0.1.0.jar"));
        repository("4.1.118.Final", "0.0.9");
        Libraries libraries = of(file("app/transport-uring-0.1.0.jar"));
        assertThat(libraries.missing()).containsExactly("buffer-pool", "netty-transport");
        assertThat(libraries.searched())
                .containsExactly(root.resolve("app"), root.resolve("app/lib"), root.resolve("repository"));
    }
}
