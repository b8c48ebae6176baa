// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

/** All scenarios by their names. */
final class Scenarios {
    static final String PROBE = "probe";
    static final String AVAILABLE = "available";
    static final String BEST = "best";
    static final String LOOP = "loop";
    static final String LOOP_THREAD = "loop-thread";
    static final String ECHO = "echo";
    static final String GATHER = "gather";
    static final String BULK = "bulk";
    static final String FILE_REGION = "file-region";
    static final String SMALL_REGION = "small-region";
    static final String SPLICE = "splice";
    static final String FILE = "file";
    static final String ZERO_COPY = "zero-copy";
    static final String GIVEN_BACK = "given-back";
    static final String DATAGRAMS = "datagrams";
    static final String SHUTDOWN = "shutdown";
    static final String OPTIONS = "options";
    static final String DOMAIN = "domain";

    private Scenarios() {}

    static Scenario named(String name) throws Exception {
        switch (name) {
            case PROBE:
                return StartUp.probe();
            case AVAILABLE:
                return StartUp.available();
            case BEST:
                return StartUp.best();
            case LOOP:
                return StartUp.loop();
            case LOOP_THREAD:
                return new LoopThread();
            case ECHO:
                return new Echo();
            case GATHER:
                return new Gather();
            case BULK:
                return new Bulk();
            case FILE_REGION:
                return new FileRegions();
            case SMALL_REGION:
                return new SmallRegions();
            case SPLICE:
                return new Splices();
            case FILE:
                return new OneFile();
            case ZERO_COPY:
                return new ZeroCopies();
            case GIVEN_BACK:
                return new GivenBack();
            case DATAGRAMS:
                return new Datagrams();
            case SHUTDOWN:
                return new Shutdown();
            case OPTIONS:
                return new Options();
            case DOMAIN:
                return new DomainEcho();
            default:
                throw new IllegalArgumentException(name);
        }
    }
}
