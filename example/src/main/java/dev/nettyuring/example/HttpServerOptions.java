// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

/** What the command line says. */
record HttpServerOptions(int port, int threads) {
    static final String USAGE =
            """
            usage: [--port N] [--threads N]
              --port N     the port to listen on, on 127.0.0.1 (default 8080; 0: any free one)
              --threads N  event loops (default: as many as there are processors)""";

    private static final int DEFAULT_PORT = 8080;
    private static final int MAX_THREADS = 1024;

    /**
     * Reads {@code --port N} and {@code --threads N}, also written with {@code =}.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static HttpServerOptions parse(String... args) {
        int port = DEFAULT_PORT;
        int threads = Runtime.getRuntime().availableProcessors();
        for (int i = 0; i < args.length; i++) {
            String[] option = args[i].split("=", 2);
            String value = option.length == 2 ? option[1] : i + 1 < args.length ? args[i + 1] : "";
            switch (option[0]) {
                case "--port":
                    port = Arguments.port("--port", value);
                    break;
                case "--threads":
                    threads = Arguments.number("--threads", value, 1, MAX_THREADS);
                    break;
                default:
                    throw new IllegalArgumentException("unknown option: " + args[i]);
            }
            i += 2 - option.length;
        }
        return new HttpServerOptions(port, threads);
    }
}
