// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import dev.nettyuring.microbench.Transport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the command line asks for. */
final class Options {
    private static final List<String> FEW_TRANSPORTS = List.of(
            Transport.URING.label(),
            Transport.NIO.label(),
            Transport.EPOLL.label(),
            Transport.NETTY_IO_URING.label(),
            Transport.NETTY_IO_URING_16X128K.label());

    boolean quick;
    private boolean fewTransports;
    private boolean addsOthers;
    boolean list;
    List<String> workloads;
    List<Contestant> contestants;
    int forks = 3;
    int windows = 5;
    double seconds = 3;
    double warmupSeconds = 12;
    int idleConnections = 10_000;
    int serverCpu;
    int loadCpu = 1;
    double disturbance = 0.1;
    Path tools = Path.of("target/bench/tools");
    Path output = Path.of("target/bench");

    private Options() {}

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException if it cannot be
     */
    static Options parse(String[] args) {
        Options options = new Options();
        List<String> arguments = new ArrayList<>(Arrays.asList(args));
        if (arguments.remove("--quick")) {
            options.makeQuick();
        } else if (arguments.remove("--hour")) {
            options.makeAnHour();
        }
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).equals("--list")) {
                options.list = true;
            } else if (i + 1 < arguments.size()) {
                options.set(arguments.get(i), arguments.get(++i));
            } else {
                throw new IllegalArgumentException(arguments.get(i) + " is not an option, or needs a value");
            }
        }
        options.addsOthers = options.contestants == null && !options.quick;
        if (options.contestants == null) {
            options.contestants = Arrays.stream(Transport.values())
                    .map(Transport::label)
                    .filter(label -> !options.fewTransports || FEW_TRANSPORTS.contains(label))
                    .map(Contestant::parse)
                    .toList();
        }
        return options;
    }

    /** Whether relays take part that nobody asked for. */
    boolean addsRelays() {
        return addsOthers;
    }

    /** Whether each contestant also takes part with memory that is zeroed. */
    boolean comparesZeroed() {
        return !quick;
    }

    private void makeQuick() {
        quick = true;
        fewTransports = true;
        workloads = Workloads.QUICK;
        forks = 1;
        windows = 3;
        seconds = 1;
    }

    /** Everything, but once. */
    private void makeAnHour() {
        fewTransports = true;
        forks = 1;
        windows = 4;
        seconds = 2;
    }

    private void set(String option, String value) {
        switch (option) {
            case "--workloads" -> workloads = List.of(value.split(","));
            case "--transports" -> contestants =
                    Arrays.stream(value.split(",")).map(Contestant::parse).toList();
            case "--forks" -> forks = positive(option, value);
            case "--windows" -> windows = positive(option, value);
            case "--seconds" -> seconds = Double.parseDouble(value);
            case "--warmup" -> warmupSeconds = Double.parseDouble(value);
            case "--idle-connections" -> idleConnections = positive(option, value);
            case "--server-cpu" -> serverCpu = Integer.parseInt(value);
            case "--load-cpu" -> loadCpu = Integer.parseInt(value);
            case "--disturbance" -> disturbance = Double.parseDouble(value);
            case "--tools" -> tools = Path.of(value);
            case "--output" -> output = Path.of(value);
            default -> throw new IllegalArgumentException(option + " is not an option");
        }
    }

    private static int positive(String option, String value) {
        int number = Integer.parseInt(value);
        if (number < 1) {
            throw new IllegalArgumentException(option + ": " + value + " (expected: at least 1)");
        }
        return number;
    }
}
