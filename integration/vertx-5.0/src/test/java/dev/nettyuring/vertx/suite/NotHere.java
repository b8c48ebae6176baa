// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Tests of a class of Vert.x's that are skipped, almost all since they fail with its NIO transport as well. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(NotHere.All.class)
@interface NotHere {
    /** Regular expressions that their names match. */
    String[] tests();

    String why();

    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @interface All {
        NotHere[] value();
    }
}
