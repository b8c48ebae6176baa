// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import net.jqwik.api.Tag;

/** The same in poison mode: nothing is found that is not there. */
@Tag("poison")
class PoisonModelTest extends ReceiveBuffersModelTest {}
