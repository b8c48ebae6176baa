// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nettyuring.testsuite.OpenFiles;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * A program that does what it is told by its standard input, a line each: the name of a {@link Scenario}, which is answered by
 * the thread to attach to; {@link #ATTEMPT}, as often as one likes; {@link #END}, answered by what is left open.
 */
final class Subject {
    static final String ANSWER = "= ";
    static final String ATTEMPT = "attempt";
    static final String END = "end";
    static final String QUIT = "quit";
    static final String OK = "ok";
    static final String NOTHING = "nothing";

    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int GC_ROUNDS = 2;

    private List<String> before;
    private Scenario scenario;

    private Subject() {}

    public static void main(String[] args) throws Exception {
        ((Logger) LoggerFactory.getLogger("dev.nettyuring")).setLevel(Level.WARN);
        ((Logger) LoggerFactory.getLogger("io.netty")).setLevel(Level.WARN);
        Subject subject = new Subject();
        if (args.length > 0) { // all of them once
            subject.begin(args[0]); // what the JDK opens for itself is there from now on
            subject.attempt();
            subject.end();
            for (String name : args) {
                subject.begin(name);
                answer(name + ": " + subject.attempt() + ", left " + subject.end());
            }
            return;
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null && !line.equals(QUIT); line = in.readLine()) {
            answer(subject.obey(line));
        }
        findLeaks();
    }

    private static void answer(String text) {
        System.out.println(ANSWER + text.replaceAll("\\s+", " "));
    }

    private String obey(String line) throws Exception {
        switch (line) {
            case ATTEMPT:
                return attempt();
            case END:
                return end();
            default:
                return begin(line);
        }
    }

    private String begin(String name) throws Exception {
        before = openFiles();
        scenario = Scenarios.named(name);
        return Long.toString(scenario.thread());
    }

    private String attempt() {
        try {
            return OK + ' ' + scenario.attempt();
        } catch (Throwable cause) {
            StringBuilder text = new StringBuilder("failed");
            for (Throwable each = cause; each != null; each = each.getCause()) {
                text.append(" <- ").append(each);
            }
            return text.toString();
        }
    }

    private String end() throws InterruptedException {
        try {
            scenario.close();
        } catch (Exception e) {
            return e.toString();
        }
        long start = System.nanoTime();
        List<String> left = left();
        while (!left.isEmpty() && System.nanoTime() - start < LIMIT_NANOS) {
            TimeUnit.MILLISECONDS.sleep(5);
            left = left();
        }
        return left.isEmpty() ? NOTHING : left.toString();
    }

    private List<String> left() {
        List<String> left = openFiles();
        before.forEach(left::remove);
        return left;
    }

    /** Without the files of class loading. */
    private static List<String> openFiles() {
        return OpenFiles.targets().stream()
                .filter(target -> !target.endsWith(".jar")
                        && !target.endsWith(".class")
                        && !target.startsWith("/proc")
                        && !target.startsWith("/dev"))
                .collect(Collectors.toList());
    }

    /** Has Netty report on what was dropped without being released. */
    private static void findLeaks() throws InterruptedException {
        for (int i = 0; i < GC_ROUNDS; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(20);
            UnpooledByteBufAllocator.DEFAULT.directBuffer(1).release();
            Unpooled.compositeBuffer().release();
        }
    }
}
