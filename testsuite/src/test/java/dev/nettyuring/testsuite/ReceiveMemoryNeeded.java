// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a test class cannot do without; without this annotation tests run with whatever the configuration gives. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface ReceiveMemoryNeeded {
    /**
     * So much of what one loop receives do handlers keep, and give it up only when more has come: a loop that pauses at less
     * would wait for them, and they for it.
     */
    int bytes();

    /** So much must one read bring if it is there. */
    int aRead() default 0;
}
