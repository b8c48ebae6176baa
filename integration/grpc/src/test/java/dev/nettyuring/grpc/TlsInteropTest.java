// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.testing.TlsTesting;
import io.grpc.testing.integration.UringInterop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.JUnit4;

/** gRPC's interoperability tests over TLS, where both sides show a certificate. */
@RunWith(JUnit4.class)
public class TlsInteropTest extends UringInterop {
    @Override
    protected ServerCredentials serverCredentials() throws IOException {
        return TlsServerCredentials.newBuilder()
                .keyManager(TlsTesting.loadCert("server1.pem"), TlsTesting.loadCert("server1.key"))
                .trustManager(TlsTesting.loadCert("ca.pem"))
                .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                .build();
    }

    @Override
    protected ChannelCredentials channelCredentials() throws IOException {
        return TlsChannelCredentials.newBuilder()
                .keyManager(TlsTesting.loadCert("client.pem"), TlsTesting.loadCert("client.key"))
                .trustManager(TlsTesting.loadCert("ca.pem"))
                .build();
    }

    @Override
    protected NettyServerBuilder newServer(ServerCredentials credentials) {
        return UringGrpc.server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials);
    }

    @Override
    protected NettyChannelBuilder newChannel(SocketAddress server, ChannelCredentials credentials) {
        return UringGrpc.channel(server, credentials).overrideAuthority("foo.test.google.fr");
    }

    @Test
    public void theServerSeesTheClientsCertificate() {
        assertX500SubjectDn("CN=testclient, O=Internet Widgits Pty Ltd, ST=Some-State, C=AU");
    }
}
