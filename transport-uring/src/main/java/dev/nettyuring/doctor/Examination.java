// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import dev.nettyuring.channel.Transport;
import dev.nettyuring.channel.Transports;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.jni.Host;
import dev.nettyuring.ring.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What there is to find out, by trying it where that is possible. */
final class Examination {
    /** With fewer a server soon has no descriptor for another connection. */
    private static final long MIN_OPEN_FILES = 4096;
    /** What zero-copy sends may come to lock: a few slabs of UringByteBufAllocator. */
    private static final long LOCKED_BY_SENDS = 4L << 20;

    private static final int KIB = 1024;
    private static final int WARNS_OF_NATIVE_ACCESS = 24;

    private final Host host;
    private final List<Finding> findings = new ArrayList<>();

    private Examination(Host host) {
        this.host = host;
    }

    /** Examines this machine, for as many event loops as a group has by default. */
    static Report run(Host host) {
        return new Examination(host).report();
    }

    private Report report() {
        Transport transport = null;
        try {
            transport = Transports.best();
            String reason = transport.whyNot().get(Transport.IO_URING);
            if (reason != null) {
                findings.add(new Finding(Finding.Weight.FALLS_BACK, "io_uring is not used: " + reason, ""));
            }
        } catch (IllegalArgumentException wrongProperty) {
            findings.add(new Finding(Finding.Weight.FALLS_BACK, "nothing starts: " + wrongProperty.getMessage(), ""));
        }
        List<FeatureUse> features = Uring.isAvailable() ? features() : List.of();
        features.stream().filter(use -> !use.found()).map(FeatureUse::absence).forEach(findings::add);
        if (transport != null) {
            checkLockedMemory(transport.threads());
        }
        checkOpenFiles();
        checkNativeAccess();
        return new Report(host, transport, features, List.copyOf(findings));
    }

    private static List<FeatureUse> features() {
        Set<Feature> found = Uring.features();
        Set<Feature> allowed = Feature.allowed();
        List<FeatureUse> uses = new ArrayList<>();
        for (Feature feature : Feature.values()) {
            uses.add(new FeatureUse(feature, found.contains(feature), !allowed.contains(feature)));
        }
        return uses;
    }

    private void checkLockedMemory(int threads) {
        Host.Limit limit = host.lockedMemory();
        long enough = threads * UringConfig.DEFAULT.ringBytes() + LOCKED_BY_SENDS;
        if (!host.mayLock(enough)) {
            findings.add(new Finding(
                    Finding.Weight.MATTERS,
                    "RLIMIT_MEMLOCK, " + limit.soft() / KIB + " KiB, is little for " + threads
                            + " event loops that send from registered memory: without enough, zero-copy sends look up their"
                            + " memory's pages each time, and event loops may fail to start",
                    "allow " + enough / KIB + " KiB: ulimit -l " + enough / KIB + ", LimitMEMLOCK= in systemd, --ulimit"
                            + " memlock= in Docker"));
        }
    }

    private void checkOpenFiles() {
        Host.Limit limit = host.openFiles();
        if (limit.soft() < MIN_OPEN_FILES) {
            findings.add(new Finding(
                    Finding.Weight.MATTERS,
                    "RLIMIT_NOFILE allows " + limit.soft() + " open files, and each connection is one",
                    "raise the hard limit: ulimit -Hn, LimitNOFILE= in systemd, --ulimit nofile= in Docker"));
        }
    }

    private void checkNativeAccess() {
        if (Runtime.version().feature() >= WARNS_OF_NATIVE_ACCESS) {
            findings.add(new Finding(
                    Finding.Weight.NOTE,
                    "Java " + Runtime.version().feature() + " warns of libraries with native code",
                    "start programs with --enable-native-access=ALL-UNNAMED"));
        }
    }
}
