// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.testing.integration.UringInterop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.runner.RunWith;
import org.junit.runners.JUnit4;

/** gRPC's interoperability tests over plain TCP. */
@RunWith(JUnit4.class)
public class PlaintextInteropTest extends UringInterop {
    @Override
    protected NettyServerBuilder newServer(ServerCredentials credentials) {
        return UringGrpc.server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials);
    }

    @Override
    protected NettyChannelBuilder newChannel(SocketAddress server, ChannelCredentials credentials) {
        return UringGrpc.channel("localhost:" + ((InetSocketAddress) server).getPort(), credentials);
    }
}
