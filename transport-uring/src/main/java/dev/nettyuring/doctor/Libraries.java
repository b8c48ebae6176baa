// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The jars that this one needs, for {@code java -jar}: beside it, in a folder {@code lib} there, or in a local Maven repository.
 * The manifest does not name them ({@code Class-Path}), since compilers warn of whatever they do not find of that.
 */
final class Libraries {
    private static final String OUR_GROUP = "dev.nettyuring";
    private static final String NETTY_GROUP = "io.netty";
    private static final List<Library> NEEDED = List.of(
            new Library(OUR_GROUP, "transport-uring-native"),
            new Library(OUR_GROUP, "buffer-pool"),
            new Library(NETTY_GROUP, "netty-common"),
            new Library(NETTY_GROUP, "netty-buffer"),
            new Library(NETTY_GROUP, "netty-resolver"),
            new Library(NETTY_GROUP, "netty-transport"),
            new Library(NETTY_GROUP, "netty-transport-native-unix-common"));
    /** To fall back to, if the user has put it there: that a repository has it does not mean that his program does. */
    private static final List<Library> WANTED = List.of(
            new Library(NETTY_GROUP, "netty-transport-classes-epoll"),
            new Library(NETTY_GROUP, "netty-transport-native-epoll", "-linux-" + architecture()));

    private final List<Path> found = new ArrayList<>();
    private final Set<String> missing = new LinkedHashSet<>();
    private final Set<Path> searched = new LinkedHashSet<>();

    private record Library(String group, String artifact, String classifier) {
        Library(String group, String artifact) {
            this(group, artifact, "");
        }

        /** Of that jar, whatever its version and classifier, but neither sources nor the like. */
        boolean isIn(Path jar) {
            String name = jar.getFileName().toString();
            return name.matches(Pattern.quote(artifact) + "-\\d.*" + classifier + "\\.jar")
                    && !name.matches(".*-(sources|javadoc|tests|test-sources)\\.jar");
        }
    }

    /**
     * Searches for them.
     *
     * @param jar this one
     * @param version its version, which the others of this project must have too
     * @param repository the local Maven repository, if the jar does not lie in one
     */
    Libraries(Path jar, String version, Path repository) {
        Path folder = jar.toAbsolutePath().getParent();
        Path ownRepository = repositoryOf(folder);
        Path searchedRepository = ownRepository != null ? ownRepository : repository;
        searched.addAll(List.of(folder, folder.resolve("lib"), searchedRepository));
        for (Library library : NEEDED) {
            find(library, folder, searchedRepository, version)
                    .ifPresentOrElse(found::add, () -> missing.add(library.artifact()));
        }
        for (Library library : WANTED) {
            find(library, folder).ifPresent(found::add);
        }
    }

    /** Netty's name of it. */
    private static String architecture() {
        String name = System.getProperty("os.arch");
        return name.equals("amd64") ? "x86_64" : name.equals("aarch64") ? "aarch_64" : name;
    }

    /** The repository that a folder is {@code dev/nettyuring/transport-uring/VERSION} of. */
    private static Path repositoryOf(Path folder) {
        Path artifact = folder.getParent();
        boolean isArtifact = artifact != null && artifact.endsWith(Path.of("dev", "nettyuring", "transport-uring"));
        return isArtifact ? artifact.getParent().getParent().getParent() : null;
    }

    private static Optional<Path> find(Library library, Path folder, Path repository, String version) {
        return find(library, folder).or(() -> inRepository(library, repository, version));
    }

    private static Optional<Path> find(Library library, Path folder) {
        return newest(library, list(folder)).or(() -> newest(library, list(folder.resolve("lib"))));
    }

    private static Optional<Path> inRepository(Library library, Path repository, String version) {
        Path folder = repository.resolve(library.group().replace('.', '/')).resolve(library.artifact());
        if (library.group().equals(OUR_GROUP)) {
            return newest(library, list(folder.resolve(version)));
        }
        return list(folder).stream()
                .filter(path -> path.getFileName().toString().startsWith("4.2."))
                .flatMap(path -> newest(library, list(path)).stream())
                .max(Libraries::compareVersions);
    }

    private static Optional<Path> newest(Library library, List<Path> files) {
        return files.stream().filter(library::isIn).max(Libraries::compareVersions);
    }

    /** By the first number in which their names differ: 4.2.10 is newer than 4.2.9. */
    private static int compareVersions(Path one, Path other) {
        String[] left = one.getFileName().toString().split("\\D+");
        String[] right = other.getFileName().toString().split("\\D+");
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            int order = Integer.compare(left[i].length(), right[i].length());
            order = order != 0 ? order : left[i].compareTo(right[i]);
            if (order != 0) {
                return order;
            }
        }
        return one.compareTo(other);
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            return List.of(); // is not there
        }
    }

    List<Path> found() {
        return found;
    }

    /** The names of those that are needed and are nowhere. */
    Set<String> missing() {
        return missing;
    }

    /** The folders that were looked into. */
    Set<Path> searched() {
        return searched;
    }
}
