// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.buffer.ReceiveMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SystemDefaultsCleared.class)
class SystemDefaultsTest {
    @Test
    void propertiesSetTheDefaults() {
        System.setProperty("dev.nettyuring.receiveBufferSize", "2048");
        System.setProperty("dev.nettyuring.receiveBuffers", "3");
        System.setProperty("dev.nettyuring.receiveMemoryLimit", " 10240 ");
        System.setProperty("dev.nettyuring.exhaustion", "allocate");
        System.setProperty("dev.nettyuring.submissionEntries", "16");
        System.setProperty("dev.nettyuring.completionEntries", "32");
        System.setProperty("dev.nettyuring.spinMicros", "20");
        System.setProperty("dev.nettyuring.zeroCopy", "NEVER");
        UringConfig config = UringConfig.builder().build();
        ReceiveMemory memory = ReceiveSizes.of(config, true).get(0);
        assertThat(memory.bufferSize()).isEqualTo(2048);
        assertThat(memory.depth()).isEqualTo(3);
        assertThat(memory.limit()).isEqualTo(5);
        assertThat(config.exhaustion()).isEqualTo(UringConfig.Exhaustion.ALLOCATE);
        assertThat(config.submissionEntries()).isEqualTo(16);
        assertThat(config.completionEntries()).isEqualTo(32);
        assertThat(config.spinMicros()).isEqualTo(20);
        assertThat(ZeroCopy.preset()).isEqualTo(ZeroCopy.NEVER);
    }

    @Test
    void whatAProgramSetsGoesBefore() {
        System.setProperty("dev.nettyuring.receiveBufferSize", "2048");
        System.setProperty("dev.nettyuring.exhaustion", "ALLOCATE");
        UringConfig config = UringConfig.builder()
                .receiveBufferSize(4096)
                .exhaustion(UringConfig.Exhaustion.PAUSE)
                .build();
        assertThat(ReceiveSizes.of(config, true).get(0).bufferSize()).isEqualTo(4096);
        assertThat(config.exhaustion()).isEqualTo(UringConfig.Exhaustion.PAUSE);
    }

    @Test
    void aLimitBelowWhatALoopHasAtRestLessensThat() {
        System.setProperty("dev.nettyuring.receiveMemoryLimit", "524288");
        ReceiveMemory memory =
                ReceiveSizes.of(UringConfig.builder().build(), true).get(0);
        assertThat(memory.depth()).isEqualTo(1);
        assertThat(memory.limit()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "receiveBufferSize; 64k; 1024 to 1048576",
                "receiveBufferSize; 1000; 1024 to 1048576",
                "receiveBuffers; 0; 1 to 4096",
                "receiveBuffers; 4294967297; 1 to 4096",
                "receiveMemoryLimit; -1; 1024 or more",
                "receiveMemoryLimit; 99999999999999999999; 1024 or more",
                "submissionEntries; 500; a power of two from 8 to 32768",
                "completionEntries; 4; a power of two from 8 to 65536",
                "spinMicros; -1; 0 to 1000000",
                "exhaustion; WAIT; one of [PAUSE, ALLOCATE]",
                "zeroCopy; true; one of [AUTO, NEVER, ALWAYS]",
                "poison; ture; true or false"
            })
    void aWrongValueIsToldWithWhatWouldDo(String name, String value, String expected) {
        System.setProperty("dev.nettyuring." + name, value);
        assertThatIllegalArgumentException()
                .isThrownBy(UringIoHandler::newFactory)
                .withMessage("-Ddev.nettyuring." + name + ": " + value + " (expected: " + expected + ")");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "true", " FALSE ", "yes", "0"})
    void whatNettyTakesForABooleanWillDo(String value) {
        System.setProperty("dev.nettyuring.poison", value);
        assertThatNoException().isThrownBy(UringConfig::checkProperties);
    }

    @Test
    void aFeatureThatIsNoneIsToldInPlaceOfFallingBack() {
        System.setProperty("dev.nettyuring.disable", "PBUF_RIGN");
        assertThatIllegalArgumentException()
                .isThrownBy(Transports::best)
                .withMessageContainingAll("-Ddev.nettyuring.disable: PBUF_RIGN", "PBUF_RING");
        assertThatIllegalArgumentException().isThrownBy(UringIoHandler::newFactory);
    }

    @Test
    void valuesThatContradictEachOtherAreTold() {
        System.setProperty("dev.nettyuring.receiveMemoryLimit", "2048");
        assertThatIllegalArgumentException()
                .isThrownBy(UringIoHandler::newFactory)
                .withMessageContainingAll("receiveMemoryLimit: 2048", "at least the 524288 bytes");
    }

    @Test
    void aConfigurationOfOnesOwnDoesNotHideAWrongValue() {
        UringConfig own = UringConfig.builder().build();
        System.setProperty("dev.nettyuring.receiveBuffers", "none");
        assertThatThrownBy(() -> UringIoHandler.newFactory(own))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("receiveBuffers: none");
    }
}
