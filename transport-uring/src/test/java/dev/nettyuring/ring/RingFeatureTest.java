// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RingFeatureTest {
    private final String configured = System.getProperty(Feature.DISABLE_PROPERTY);

    @AfterEach
    void restore() {
        disable(configured);
    }

    private static void disable(String names) {
        if (names == null) {
            System.clearProperty(Feature.DISABLE_PROPERTY);
        } else {
            System.setProperty(Feature.DISABLE_PROPERTY, names);
        }
    }

    @Test
    void everythingIsAllowedByDefault() {
        disable(null);
        assertThat(Feature.allowed()).isEqualTo(EnumSet.allOf(Feature.class));
        disable(" , ");
        assertThat(Feature.allowed()).isEqualTo(EnumSet.allOf(Feature.class));
    }

    @Test
    void severalAreSwitchedOffInAnyCase() {
        disable("pbuf_inc , NO_SQARRAY");
        assertThat(Feature.allowed())
                .containsExactlyInAnyOrderElementsOf(
                        EnumSet.complementOf(EnumSet.of(Feature.PBUF_INC, Feature.NO_SQARRAY)));
    }

    @Test
    void anUnknownNameIsRefusedWithThoseThereAre() {
        disable("NO_SUCH_THING");
        assertThatThrownBy(Feature::allowed)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Feature.DISABLE_PROPERTY)
                .hasMessageContaining("NO_SUCH_THING")
                .hasMessageContaining("PBUF_INC");
        assertThat(Probe.run().failure()).as("the probe never throws").isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSwitchedOffIsNotFound(Feature feature) {
        disable(feature.name());
        Probe probe = Probe.run();
        assertThat(probe.failure()).isNull();
        assertThat(probe.features()).doesNotContain(feature);
    }
}
