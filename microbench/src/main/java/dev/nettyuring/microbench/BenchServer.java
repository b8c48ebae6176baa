// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A server, one event loop, that the harness measures: {@code BenchServer SERVICE TRANSPORT [OPTION=VALUE...]}. It says on
 * which port it listens, serves until its standard input ends, and meanwhile takes the commands {@code heap} (collects
 * garbage and tells what is left) and {@code run CONNECTIONS SECONDS}.
 */
public final class BenchServer {
    private static final Map<String, Supplier<Service>> SERVICES = Map.of(
            "hello", HttpHello::new,
            "hello-h2", Http2Hello::new,
            "echo", Echo::new,
            "echo-udp", UdpEcho::new,
            "echo-grpc", GrpcEcho::new,
            "relay", Relay::new,
            "piping", Piping::new,
            "file", StaticFile::new);

    private BenchServer() {}

    /** Starts it. */
    public static void main(String[] args) throws Exception {
        if (args.length < 2 || !SERVICES.containsKey(args[0])) {
            System.err.println("usage: BenchServer " + String.join("|", SERVICES.keySet()) + ' ' + Transport.names()
                    + " [OPTION=VALUE...]");
            System.exit(2);
        }
        Service service = SERVICES.get(args[0]).get();
        Setup setup = Setup.of(Transport.named(args[1]), options(Arrays.copyOfRange(args, 2, args.length)));
        InetSocketAddress listening = (InetSocketAddress) service.start(setup);
        System.out.println("listening " + listening.getPort());
        obey(service);
        System.exit(0);
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (String argument : arguments) {
            String[] option = argument.split("=", 2);
            if (option.length != 2) {
                throw new IllegalArgumentException(argument + " (expected: OPTION=VALUE)");
            }
            options.put(option[0], option[1]);
        }
        return options;
    }

    private static void obey(Service service) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String answer;
            try {
                answer = answer(service, line.split(" "));
            } catch (Exception e) {
                e.printStackTrace();
                answer = "failed " + e;
            }
            System.out.println(answer);
        }
    }

    private static String answer(Service service, String[] command) throws Exception {
        return switch (command[0]) {
            case "run" -> service.run(Integer.parseInt(command[1]), Double.parseDouble(command[2]));
            case "heap" -> "heap " + heapInUse();
            default -> throw new IllegalArgumentException(command[0]);
        };
    }

    private static long heapInUse() {
        ManagementFactory.getMemoryMXBean().gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
