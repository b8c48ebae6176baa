// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.reactor;

import static dev.nettyuring.reactor.OwnLoops.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.resources.LoopResources;

/** Spring Boot's WebFlux, as docs/integrations.md shows it. */
class WebFluxTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/nettyuring/reactor/WebFluxSample.java");
    private static final Path MANUAL = Path.of("../../docs/integrations.md");

    @Test
    void theSampleServesAndItsClientIsServed() {
        LoopResources loops;
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(WebFluxSample.class)
                .web(WebApplicationType.REACTIVE)
                .run(
                        "--server.address=127.0.0.1",
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--logging.level.root=WARN")) {
            loops = application.getBean(ReactorResourceFactory.class).getLoopResources();
            String port = application.getEnvironment().getProperty("local.server.port");
            String answer = application
                    .getBean(WebClient.class)
                    .get()
                    .uri("http://127.0.0.1:" + port + "/hello")
                    .retrieve()
                    .bodyToMono(String.class)
                    .block(LIMIT);
            assertThat(answer).startsWith("hello from webflux-uring-");
        }
        assertThat(loops.isDisposed()).isTrue();
    }

    @Test
    void theSampleIsThatOfTheManual() throws Exception {
        String sample = between(Files.readString(SOURCE), "// sample\n", "// end of the sample");
        String manual = between(Files.readString(MANUAL), "<!-- WebFlux -->\n```java\n", "```");
        assertThat(manual).isEqualToNormalizingWhitespace(sample);
    }

    private static String between(String text, String start, String end) {
        return text.split(Pattern.quote(start), 2)[1].split(Pattern.quote(end), 2)[0];
    }
}
