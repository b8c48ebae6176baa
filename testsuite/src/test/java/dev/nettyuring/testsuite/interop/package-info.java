// SPDX-License-Identifier: Apache-2.0
/** Real protocols over the transport, spoken with programs that are not Netty: {@code curl} and the JDK's HTTP client. */
package dev.nettyuring.testsuite.interop;
