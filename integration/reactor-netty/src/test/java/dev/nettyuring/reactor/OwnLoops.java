// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.channel.UringMetrics;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Two loops for each test, which must end in time and leave no operation in the kernel. */
final class OwnLoops implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    static final Duration LIMIT = Duration.ofSeconds(60);

    private UringLoopResources loops;
    private List<UringMetrics> metrics;

    @Override
    public void beforeEach(ExtensionContext context) {
        loops = UringLoopResources.create("test", 2, true);
        metrics = new ArrayList<>();
        for (EventExecutor loop : loops.onServer(true)) {
            metrics.add(UringMetrics.of(loop));
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        loops.disposeLater(Duration.ZERO, LIMIT).block(LIMIT);
        assertThat(loops.isDisposed()).isTrue();
        assertThat(metrics)
                .allSatisfy(loop -> assertThat(loop.operationsInFlight()).isZero());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == UringLoopResources.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return loops;
    }
}
