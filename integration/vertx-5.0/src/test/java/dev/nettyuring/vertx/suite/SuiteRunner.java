// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.runners.BlockJUnit4ClassRunner;
import org.junit.runners.model.FrameworkMethod;
import org.junit.runners.model.InitializationError;
import org.junit.runners.model.TestClass;

/** Skips the tests that are {@link NotHere}, and fails if one of those no longer exists. */
public final class SuiteRunner extends BlockJUnit4ClassRunner {
    private final Set<String> skipped;

    public SuiteRunner(Class<?> type) throws InitializationError {
        super(type);
        skipped = Arrays.stream(type.getAnnotationsByType(NotHere.class))
                .flatMap(not -> Arrays.stream(not.tests()))
                .collect(Collectors.toSet());
        Set<String> all = new TestClass(type)
                .getAnnotatedMethods(org.junit.Test.class).stream()
                        .map(FrameworkMethod::getName)
                        .collect(Collectors.toSet());
        if (!all.containsAll(skipped)) {
            throw new InitializationError("there are not all of " + skipped);
        }
    }

    @Override
    protected boolean isIgnored(FrameworkMethod method) {
        return skipped.contains(method.getName()) || super.isIgnored(method);
    }
}
