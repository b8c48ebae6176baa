// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import io.vertx.tests.addressresolver.ResolvingHttpClientTest;
import io.vertx.tests.http.Http1xClientResponseParserTest;
import io.vertx.tests.http.Http1xClientTimeoutTest;
import io.vertx.tests.http.Http1xProxyTest;
import io.vertx.tests.http.Http1xTest;
import io.vertx.tests.http.HttpConnectionEarlyResetTest;
import io.vertx.tests.http.HttpResponseExpectationTest;
import io.vertx.tests.http.HttpServerCloseHookTest;
import io.vertx.tests.http.SharedHttpClientTest;
import io.vertx.tests.http.WebSocketTest;
import io.vertx.tests.http.compression.Http1xCompressionTest;
import io.vertx.tests.http.compression.Http1xCompressionThresholdTest;
import io.vertx.tests.http.compression.Http1xSnappyCompressionTest;
import io.vertx.tests.http.connection.Http1xClientConnectionTest;
import io.vertx.tests.http.fileupload.Http1xClientFileUploadTest;
import io.vertx.tests.http.fileupload.Http1xServerFileUploadTest;
import io.vertx.tests.http.fileupload.MultipartFormUploadTest;
import io.vertx.tests.http.impl.HttpClientRequestBaseTest;
import io.vertx.tests.http.sendfile.Http1xSendFileTest;
import io.vertx.tests.http.sendfile.Http1xTLSSendFileTest;
import io.vertx.tests.metrics.Http1xMetricsTest;
import io.vertx.tests.metrics.Http1xWorkerMetricsTest;
import io.vertx.tests.tls.Http1xTLSTest;
import io.vertx.tests.tls.HttpHostnameVerificationTest;
import io.vertx.tests.tracing.Http1xTracerTest;
import io.vertx.tests.tracing.Http1xTracingTest;
import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;

/** Vert.x's tests of HTTP/1 that listen and connect. */
@RunWith(Enclosed.class)
public class Http1SuiteTest {
    @RunWith(SuiteRunner.class)
    @NotHere(
            tests = {"testDnsClientSideLoadBalancingEnabled", "testDnsClientSideLoadBalancingDisabled"},
            why = "need a name server of Apache's with all that belongs to it")
    @NotHere(
            tests = {"testConnectTimeout", "requestAbsNoPort"},
            why = "connect to hosts beyond this machine, and expect no answer or one, which is the network's to give")
    public static class OnHttp1x extends Http1xTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xClientTimeout extends Http1xClientTimeoutTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xProxy extends Http1xProxyTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xClientResponseParser extends Http1xClientResponseParserTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xClientConnection extends Http1xClientConnectionTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xSendFile extends Http1xSendFileTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xTLSSendFile extends Http1xTLSSendFileTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xServerFileUpload extends Http1xServerFileUploadTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xClientFileUpload extends Http1xClientFileUploadTest {}

    @RunWith(SuiteRunner.class)
    public static class OnMultipartFormUpload extends MultipartFormUploadTest {}

    public static class OnHttp1xCompression extends Http1xCompressionTest {
        public OnHttp1xCompression(int level) {
            super(level);
        }
    }

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xCompressionThreshold extends Http1xCompressionThresholdTest {}

    @RunWith(SuiteRunner.class)
    @NotHere(
            tests = "testClientAcceptEncoding",
            why = "the client does not offer what this version of Netty can decode")
    public static class OnHttp1xSnappyCompression extends Http1xSnappyCompressionTest {}

    @RunWith(SuiteRunner.class)
    @NotHere(tests = ".*OpenSSL.*", why = "need netty-tcnative")
    public static class OnHttp1xTLS extends Http1xTLSTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttpHostnameVerification extends HttpHostnameVerificationTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xMetrics extends Http1xMetricsTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xWorkerMetrics extends Http1xWorkerMetricsTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xTracer extends Http1xTracerTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp1xTracing extends Http1xTracingTest {}

    @RunWith(SuiteRunner.class)
    @NotHere(
            tests = "testWriteHandlerFailure",
            why =
                    "takes a channel that is not writable for a socket that is full; here what was flushed waits for the turn's end,"
                            + " and the socket takes it before the channel closes")
    public static class OnWebSocket extends WebSocketTest {}

    @RunWith(SuiteRunner.class)
    @NotHere(
            tests = {
                "testSharedPoolClosedAutomatically",
                "testSharedPoolRetainedByOtherDeployment",
                "testVerticlesUseSamePool"
            },
            why = "count fewer connections than a pool may have, on this machine with NIO as well")
    public static class OnSharedHttpClient extends SharedHttpClientTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttpServerCloseHook extends HttpServerCloseHookTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttpConnectionEarlyReset extends HttpConnectionEarlyResetTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttpResponseExpectation extends HttpResponseExpectationTest {}

    @RunWith(SuiteRunner.class)
    public static class OnResolvingHttpClient extends ResolvingHttpClientTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttpClientRequestBase extends HttpClientRequestBaseTest {}
}
