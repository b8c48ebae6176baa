// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.reactor;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** HTTP in its versions, with TLS and without. */
enum ServedProtocol {
    HTTP_1_1(HttpProtocol.HTTP11, false),
    HTTP_1_1_TLS(HttpProtocol.HTTP11, true),
    HTTP_2_CLEARTEXT(HttpProtocol.H2C, false),
    HTTP_2_TLS(HttpProtocol.H2, true);

    private static final X509Bundle CERTIFICATE = certificate();

    private final HttpProtocol protocol;
    private final boolean tls;

    ServedProtocol(HttpProtocol protocol, boolean tls) {
        this.protocol = protocol;
        this.tls = tls;
    }

    private static X509Bundle certificate() {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=localhost")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** As {@code HttpServerRequest.version()} has it. */
    String version() {
        return protocol == HttpProtocol.HTTP11 ? "HTTP/1.1" : "HTTP/2.0";
    }

    HttpServer on(HttpServer server) {
        HttpServer speaking = server.protocol(protocol);
        if (!tls) {
            return speaking;
        }
        return speaking.secure(ssl -> {
            if (protocol == HttpProtocol.H2) {
                ssl.sslContext(Http2SslContextSpec.forServer(
                        CERTIFICATE.getKeyPair().getPrivate(), CERTIFICATE.getCertificate()));
            } else {
                ssl.sslContext(Http11SslContextSpec.forServer(
                        CERTIFICATE.getKeyPair().getPrivate(), CERTIFICATE.getCertificate()));
            }
        });
    }

    HttpClient on(HttpClient client) {
        HttpClient speaking = client.protocol(protocol);
        if (!tls) {
            return speaking;
        }
        return speaking.secure(ssl -> {
            if (protocol == HttpProtocol.H2) {
                ssl.sslContext(Http2SslContextSpec.forClient()
                        .configure(context -> context.trustManager(InsecureTrustManagerFactory.INSTANCE)
                                .endpointIdentificationAlgorithm(null)));
            } else {
                ssl.sslContext(Http11SslContextSpec.forClient()
                        .configure(context -> context.trustManager(InsecureTrustManagerFactory.INSTANCE)
                                .endpointIdentificationAlgorithm(null)));
            }
        });
    }
}
