// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.util.List;
import java.util.stream.Stream;

/**
 * What is done with each contestant.
 *
 * @param id its name on the command line
 * @param service which of the servers, and its options
 * @param load what is done with it
 * @param bodyBytes of a request's bodies, both ways; 0 where messages count, and not bytes
 * @param originBytes of the bodies that an origin behind the server has; 0 for none
 * @param bothMemories whether contestants also take part with receive memory that is zeroed
 * @param goals what is asked of this transport
 */
record Workload(
        String id,
        String title,
        List<String> service,
        Load load,
        long bodyBytes,
        long originBytes,
        boolean bothMemories,
        List<Goal> goals) {
    static Workload messages(String id, String title, Load load, String... service) {
        return new Workload(id, title, List.of(service), load, 0, 0, false, Goal.NEVER_WORSE);
    }

    static Workload bodies(String id, String title, long bytes, Load load, String... service) {
        return new Workload(id, title, List.of(service), load, bytes, 0, false, Goal.NEVER_WORSE);
    }

    static Workload idle(int connections, Goal... goals) {
        String title = String.format("%,d idle connections", connections);
        return new Workload(
                "idle", title, List.of("hello"), new IdleConnections(connections), 0, 0, false, List.of(goals));
    }

    Workload withOrigin(long bytes) {
        return new Workload(id, title, service, load, bodyBytes, bytes, bothMemories, goals);
    }

    Workload inBothMemories() {
        return new Workload(id, title, service, load, bodyBytes, originBytes, true, goals);
    }

    /** Beside those that it has. */
    Workload asking(Goal... more) {
        List<Goal> all = Stream.concat(Stream.of(more), goals.stream()).toList();
        return new Workload(id, title, service, load, bodyBytes, originBytes, bothMemories, all);
    }

    /** Whether bytes count, and not messages. */
    boolean bulk() {
        return bodyBytes > 0;
    }

    /** A relay, which may be a program in C. */
    boolean relays() {
        return originBytes > 0;
    }

    /** Whether it is about UDP. */
    boolean datagrams() {
        return service.get(0).equals("echo-udp");
    }

    /** Whether it is about connections on which nothing happens. */
    boolean idle() {
        return load instanceof IdleConnections;
    }
}
