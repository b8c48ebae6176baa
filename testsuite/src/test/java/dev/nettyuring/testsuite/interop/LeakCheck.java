// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.Leaks;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class that has left a buffer unreleased. */
final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        Leaks.find(); // whatever was there before is not this class's
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        assertThat(Leaks.find()).as("leaks").isEmpty();
    }
}
