// SPDX-License-Identifier: Apache-2.0
package io.grpc.testing.integration;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.ServerCredentials;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.InternalNettyServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.SocketAddress;

/** gRPC's interoperability tests, with servers and channels as a subclass makes them. In this package to know the server's address. */
public abstract class UringInterop extends AbstractInteropTest {
    private static final int FLOW_CONTROL_WINDOW = TEST_FLOW_CONTROL_WINDOW;

    protected ServerCredentials serverCredentials() throws IOException {
        return InsecureServerCredentials.create();
    }

    protected ChannelCredentials channelCredentials() throws IOException {
        return InsecureChannelCredentials.create();
    }

    protected abstract NettyServerBuilder newServer(ServerCredentials credentials);

    protected abstract NettyChannelBuilder newChannel(SocketAddress server, ChannelCredentials credentials);

    protected final SocketAddress serverAddress() {
        return getListenAddress();
    }

    @Override
    protected ServerBuilder<?> getServerBuilder() {
        try {
            NettyServerBuilder builder = newServer(serverCredentials())
                    .flowControlWindow(FLOW_CONTROL_WINDOW)
                    .maxInboundMessageSize(MAX_MESSAGE_SIZE);
            InternalNettyServerBuilder.setStatsEnabled(builder, false); // the tests bring their own
            return builder.addStreamTracerFactory(createCustomCensusTracerFactory());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        try {
            NettyChannelBuilder builder = newChannel(getListenAddress(), channelCredentials())
                    .flowControlWindow(FLOW_CONTROL_WINDOW)
                    .maxInboundMessageSize(MAX_MESSAGE_SIZE);
            InternalNettyChannelBuilder.setStatsEnabled(builder, false);
            return builder.intercept(createCensusStatsClientInterceptor());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
