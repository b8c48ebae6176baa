// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.grpc;

import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The example of the module's README. */
final class HealthExample {
    private HealthExample() {}

    static HealthCheckResponse.ServingStatus run() throws IOException, InterruptedException {
        // example
        SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Server server = UringGrpc.server(address, InsecureServerCredentials.create())
                .addService(new HealthStatusManager().getHealthService())
                .build()
                .start();

        ManagedChannel channel = UringGrpc.channel(
                        "dns:///localhost:" + server.getPort(), InsecureChannelCredentials.create())
                .build();
        HealthCheckResponse health = HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());

        channel.shutdown();
        server.shutdown().awaitTermination();
        // end of the example
        return health.getStatus();
    }
}
