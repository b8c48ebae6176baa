// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where everything runs: which CPUs, which programs. */
final class Site {
    /** The key store is made for the run, for a certificate that nobody trusts. */
    static final String KEYSTORE_PASSWORD = "bench-only";

    private final Path tools;
    private final Path work;
    private final int serverCpu;
    private final int loadCpu;

    /**
     * @param tools where the load generators were compiled to
     * @param work for logs and the like
     */
    Site(Path tools, Path work, int serverCpu, int loadCpu) throws IOException {
        this.tools = tools;
        this.work = Files.createDirectories(work);
        this.serverCpu = serverCpu;
        this.loadCpu = loadCpu;
    }

    String tool(String name) {
        return tools.resolve(name).toAbsolutePath().toString();
    }

    Path log(String name) {
        return work.resolve(name.replaceAll("[^\\w.-]+", "_") + ".log");
    }

    Path keystore() {
        return work.resolve("keystore.p12").toAbsolutePath();
    }

    /** By the JDK's keytool, anew. */
    void makeKeystore() throws IOException, InterruptedException {
        Files.deleteIfExists(keystore());
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        run(List.of(
                keytool.toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-storepass",
                KEYSTORE_PASSWORD,
                "-keystore",
                keystore().toString()));
    }

    List<String> onServerCpu(List<String> command) {
        return on(serverCpu, command);
    }

    private static List<String> on(int cpu, List<String> command) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(cpu)));
        pinned.addAll(command);
        return pinned;
    }

    /** Runs a load generator to its end; returns what it printed. */
    String load(String... command) throws IOException, InterruptedException {
        return run(on(loadCpu, List.of(command)));
    }

    /** Starts a load generator that goes on. */
    Process start(Path log, String... command) throws IOException {
        return new ProcessBuilder(on(loadCpu, List.of(command)))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output.strip());
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
