// SPDX-License-Identifier: Apache-2.0
/** {@code java -jar}: whether io_uring works here, and what to change if it does not. */
package dev.nettyuring.doctor;
