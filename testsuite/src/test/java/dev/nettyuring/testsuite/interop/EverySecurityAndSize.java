// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Each {@link Security} with each of the {@linkplain Payload#sizes() sizes}. */
final class EverySecurityAndSize implements ArgumentsProvider {
    @Override
    public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        return Stream.of(Security.values())
                .flatMap(security -> Payload.sizes().map(size -> Arguments.of(security, size)));
    }
}
