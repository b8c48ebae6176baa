// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import java.util.Arrays;
import java.util.List;
import org.junit.runners.BlockJUnit4ClassRunner;
import org.junit.runners.model.FrameworkMethod;
import org.junit.runners.model.InitializationError;
import org.junit.runners.model.TestClass;

/**
 * Skips the tests that are {@link NotHere}, unless {@code -Dvertx.suite.everything=true} asks for them as well, and fails if one
 * of those no longer exists.
 */
public final class SuiteRunner extends BlockJUnit4ClassRunner {
    private static final boolean EVERYTHING = Boolean.getBoolean("vertx.suite.everything");

    private final List<String> skipped;

    public SuiteRunner(Class<?> type) throws InitializationError {
        super(type);
        skipped = Arrays.stream(type.getAnnotationsByType(NotHere.class))
                .flatMap(not -> Arrays.stream(not.tests()))
                .toList();
        List<String> all = new TestClass(type)
                .getAnnotatedMethods(org.junit.Test.class).stream()
                        .map(FrameworkMethod::getName)
                        .toList();
        if (!skipped.stream().allMatch(pattern -> all.stream().anyMatch(name -> name.matches(pattern)))) {
            throw new InitializationError("there are not all of " + skipped);
        }
    }

    @Override
    protected boolean isIgnored(FrameworkMethod method) {
        boolean isNotHere = skipped.stream().anyMatch(method.getName()::matches);
        return (isNotHere && !EVERYTHING) || super.isIgnored(method);
    }
}
