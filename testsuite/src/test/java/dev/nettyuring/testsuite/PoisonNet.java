// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails each test class after which receive memory turns out to be damaged, whosever loops it used: JUnit finds this extension by
 * itself. Only poison mode knows of damage.
 */
public final class PoisonNet implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<String> ERRORS = new ConcurrentLinkedQueue<>();
    private static Logger watched;

    /** Whether JUnit has found it. */
    static synchronized boolean isWatching() {
        return watched != null;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        watch();
    }

    private static synchronized void watch() {
        if (watched != null) {
            return;
        }
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                    ERRORS.add(event.getFormattedMessage());
                }
            }
        };
        appender.start();
        watched = (Logger) LoggerFactory.getLogger("dev.nettyuring.buffer");
        watched.addAppender(appender);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(take()).as("errors of receive memory").isEmpty();
    }

    /** The errors since the last call. */
    static List<String> take() {
        List<String> errors = new ArrayList<>();
        for (String error = ERRORS.poll(); error != null; error = ERRORS.poll()) {
            errors.add(error);
        }
        return errors;
    }
}
