// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Path;
import java.security.SecureRandom;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

/** What is between HTTP and the transport. All of TLS uses one certificate, which 127.0.0.1 signs for itself. */
enum Security {
    PLAIN(null),
    JDK_TLS(SslProvider.JDK),
    OPENSSL_TLS(SslProvider.OPENSSL);

    private static final X509Bundle CERTIFICATE = createCertificate();

    private final SslProvider provider;

    Security(SslProvider provider) {
        this.provider = provider;
    }

    private static X509Bundle createCertificate() {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=netty-uring interop")
                    .addSanIpAddress("127.0.0.1")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The certificate that all of TLS uses, QUIC's as well. */
    static X509Bundle certificate() {
        return CERTIFICATE;
    }

    boolean isTls() {
        return provider != null;
    }

    /** Skips the test where Netty's OpenSSL does not load. */
    void assumeAvailable() {
        if (provider == SslProvider.OPENSSL) {
            assumeTrue(OpenSsl.isAvailable(), () -> "netty-tcnative does not load: " + OpenSsl.unavailabilityCause());
        }
    }

    /** A server's context; {@code null} for {@link #PLAIN}. */
    SslContext forServer(String... applicationProtocols) throws SSLException {
        return provider == null
                ? null
                : SslContextBuilder.forServer(CERTIFICATE.getKeyPair().getPrivate(), CERTIFICATE.getCertificatePath())
                        .sslProvider(provider)
                        .applicationProtocolConfig(alpn(applicationProtocols))
                        .build();
    }

    /** A client's context that trusts the server's; {@code null} for {@link #PLAIN}. */
    SslContext forClient(String... applicationProtocols) throws SSLException {
        return provider == null
                ? null
                : SslContextBuilder.forClient()
                        .sslProvider(provider)
                        .trustManager(CERTIFICATE.getCertificate())
                        .applicationProtocolConfig(alpn(applicationProtocols))
                        .build();
    }

    private static ApplicationProtocolConfig alpn(String... protocols) {
        return protocols.length == 0
                ? ApplicationProtocolConfig.DISABLED
                : new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocols);
    }

    /** A context for the JDK's HTTP client that trusts the servers. */
    static SSLContext jdkContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {CERTIFICATE.toTrustManager()}, new SecureRandom());
            return context;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The certificate for {@code curl --cacert}. */
    static Path certificateFile() {
        return CertificateFile.PATH;
    }

    private static final class CertificateFile {
        static final Path PATH = create();

        private static Path create() {
            try {
                return CERTIFICATE.toTempRootCertPem().toPath();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
