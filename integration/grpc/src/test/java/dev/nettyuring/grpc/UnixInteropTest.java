// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.testing.integration.UringInterop;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.File;
import java.net.SocketAddress;
import org.junit.Rule;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.junit.runners.JUnit4;

/** gRPC's interoperability tests over a Unix domain socket, by its {@code unix:} target. */
@RunWith(JUnit4.class)
public class UnixInteropTest extends UringInterop {
    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Override
    protected NettyServerBuilder newServer(ServerCredentials credentials) {
        return UringGrpc.server(new DomainSocketAddress(new File(folder.getRoot(), "grpc")), credentials);
    }

    @Override
    protected NettyChannelBuilder newChannel(SocketAddress server, ChannelCredentials credentials) {
        return UringGrpc.channel("unix://" + ((DomainSocketAddress) server).path(), credentials);
    }

    /** There are no IP addresses to look at, which the overridden test does. */
    @Override
    public void getServerAddressAndLocalAddressFromClient() {
        assertThat(obtainRemoteServerAddr()).isEqualTo(serverAddress());
        assertThat(obtainLocalServerAddr()).isEqualTo(serverAddress());
    }
}
