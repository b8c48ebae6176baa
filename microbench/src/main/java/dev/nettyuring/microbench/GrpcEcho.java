// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.util.NetUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** A gRPC server that sends back each message: {@code /bench/Unary}, and {@code /bench/Stream} in both directions. */
final class GrpcEcho implements Service {
    private static final String SERVICE = "bench";

    @Override
    public SocketAddress start(Setup setup) throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(NetUtil.LOCALHOST4, 0))
                .channelType(setup.transport().serverChannel())
                .bossEventLoopGroup(setup.group())
                .workerEventLoopGroup(setup.group())
                .directExecutor()
                .addService(ServerServiceDefinition.builder(SERVICE)
                        .addMethod(
                                method("Unary", MethodDescriptor.MethodType.UNARY),
                                ServerCalls.asyncUnaryCall(GrpcEcho::unary))
                        .addMethod(
                                method("Stream", MethodDescriptor.MethodType.BIDI_STREAMING),
                                ServerCalls.asyncBidiStreamingCall(GrpcEcho::stream))
                        .build());
        setup.transport().configureConnections(builder);
        Server server = builder.build().start();
        return server.getListenSockets().get(0);
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(Bytes.INSTANCE)
                .setResponseMarshaller(Bytes.INSTANCE)
                .build();
    }

    private static void unary(byte[] request, StreamObserver<byte[]> response) {
        response.onNext(request);
        response.onCompleted();
    }

    private static StreamObserver<byte[]> stream(StreamObserver<byte[]> responses) {
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] message) {
                responses.onNext(message);
            }

            @Override
            public void onError(Throwable cancelled) {
                // nobody is left to be told
            }

            @Override
            public void onCompleted() {
                responses.onCompleted();
            }
        };
    }

    /** Messages that are what their bytes are. */
    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
