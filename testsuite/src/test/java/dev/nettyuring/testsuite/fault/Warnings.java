// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/** What was logged during a seed. The transport warns of nothing but bugs, and Netty of what handlers or the loop did not catch. */
final class Warnings {
    /**
     * Another thread gave the loop a task between its last look at its queue and its end: {@code SingleThreadEventExecutor}
     * throws that away, and whoever waits for it waits for ever.
     */
    private static final Pattern LOST_TASKS =
            Pattern.compile("An event executor terminated with non-empty task queue \\((\\d+)\\)");

    private static final Queue<String> LOGGED = new ConcurrentLinkedQueue<>();

    private final List<String> wrong = new ArrayList<>();
    private long lostTasks;

    /** Takes what was logged since the last time. */
    Warnings(boolean loopsEndInTheMiddle, boolean connectionsMayEnd) {
        for (String warning = LOGGED.poll(); warning != null; warning = LOGGED.poll()) {
            Matcher lost = LOST_TASKS.matcher(warning);
            if (loopsEndInTheMiddle && lost.lookingAt()) {
                lostTasks += Long.parseLong(lost.group(1));
            } else if (!(loopsEndInTheMiddle && isOfEnd(warning)) && !(connectionsMayEnd && isOfShortage(warning))) {
                wrong.add(warning);
            }
        }
    }

    static void record() {
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                LOGGED.add(event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : '\n' + ThrowableProxyUtil.asString(event.getThrowableProxy())));
            }
        };
        appender.start();
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
    }

    private static boolean isOfEnd(String warning) {
        return warning.startsWith("Failed to register an accepted channel")
                || warning.startsWith("Failed to submit a listener notification task")
                || warning.startsWith("Can't invoke task later as EventLoop rejected it")
                || warning.startsWith("Force-closing a channel whose registration task was not accepted");
    }

    private static boolean isOfShortage(String warning) {
        return warning.contains("zero-copy sends go on from memory that is not registered");
    }

    /** Those that nothing explains. */
    List<String> wrong() {
        return wrong;
    }

    /** How many tasks of other threads loops threw away at their end, each of which one future may wait for. */
    long lostTasks() {
        return lostTasks;
    }
}
