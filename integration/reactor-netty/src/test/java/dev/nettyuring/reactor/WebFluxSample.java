// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.reactor;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** The sample of docs/integrations.md. */
// sample
@SpringBootApplication
@RestController
class WebFluxSample {
    /** For the server and, with the connector below, for clients; Spring disposes of it. */
    @Bean
    ReactorResourceFactory reactorResourceFactory() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResourcesSupplier(() -> UringLoopResources.create("webflux"));
        return resources;
    }

    @Bean
    WebClient webClient(ReactorResourceFactory resources) {
        return WebClient.builder()
                .clientConnector(new ReactorClientHttpConnector(resources, client -> client))
                .build();
    }

    @GetMapping("/hello")
    Mono<String> hello() {
        return Mono.just("hello from " + Thread.currentThread().getName());
    }
}
// end of the sample
