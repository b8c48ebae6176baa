// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A channel changes its group of buffers when what it receives has been of the other kind for a while, and no sooner. */
class GroupChoiceTest {
    private static final int FULL = GroupChoice.MESSAGE_BUFFER_SIZE;

    private final GroupChoice choice = new GroupChoice();

    /** The pieces until the last speak for staying. */
    private void receiveWithoutChange(int pieces, int bytes) {
        for (int i = 0; i < pieces; i++) {
            assertThat(choice.received(bytes)).as("piece %d", i).isFalse();
        }
    }

    private void changeTo(boolean bulk) {
        choice.change();
        assertThat(choice.isBulk()).isEqualTo(bulk);
    }

    @Test
    void fullBuffersInARowAreBulkAndManySmallPiecesAreMessages() {
        assertThat(choice.isBulk()).isFalse();
        receiveWithoutChange(GroupChoice.PIECES_TO_BULK - 1, FULL);
        assertThat(choice.received(FULL)).isTrue();
        changeTo(true);
        receiveWithoutChange(GroupChoice.PIECES_TO_MESSAGES - 1, FULL - 1);
        assertThat(choice.received(1)).isTrue();
        changeTo(false);
        receiveWithoutChange(GroupChoice.PIECES_TO_BULK - 1, FULL);
    }

    @Test
    void whatIsNotInARowDoesNotCount() {
        for (int i = 0; i < 10; i++) {
            receiveWithoutChange(GroupChoice.PIECES_TO_BULK - 1, FULL);
            receiveWithoutChange(1, FULL - 1);
        }
        changeTo(true);
        for (int i = 0; i < 10; i++) {
            receiveWithoutChange(GroupChoice.PIECES_TO_MESSAGES - 1, 1);
            receiveWithoutChange(1, FULL);
        }
    }

    @Test
    void aChangeThatIsNotPossibleIsProposedAgain() {
        receiveWithoutChange(GroupChoice.PIECES_TO_BULK - 1, FULL);
        assertThat(choice.received(FULL)).isTrue();
        receiveWithoutChange(GroupChoice.PIECES_TO_BULK - 1, FULL);
        assertThat(choice.received(FULL)).isTrue();
    }
}
