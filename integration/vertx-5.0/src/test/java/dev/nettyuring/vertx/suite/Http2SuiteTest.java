// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.vertx.suite;

import io.vertx.core.ThreadingModel;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.tests.http.Http2ClientResponseParserTest;
import io.vertx.tests.http.Http2ClientTimeoutTest;
import io.vertx.tests.http.Http2MYRServerTest;
import io.vertx.tests.http.Http2Test;
import io.vertx.tests.http.compression.Http2CompressionTest;
import io.vertx.tests.http.connection.Http2ClientConnectionTest;
import io.vertx.tests.http.fileupload.Http2ClientFileUploadTest;
import io.vertx.tests.http.fileupload.Http2ServerFileUploadTest;
import io.vertx.tests.http.fileupload.Http2WithUpgradeClientFileUploadTest;
import io.vertx.tests.http.fileupload.Http2WithUpgradeServerFileUploadTest;
import io.vertx.tests.http.sendfile.Http2SendFileTest;
import io.vertx.tests.metrics.Http2MetricsTest;
import io.vertx.tests.tls.Http2TLSTest;
import io.vertx.tests.tracing.Http2TracerTest;
import io.vertx.tests.tracing.Http2TracingTest;
import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;

/** Vert.x's tests of HTTP/2 that listen and connect. */
@RunWith(Enclosed.class)
public class Http2SuiteTest {
    @RunWith(SuiteRunner.class)
    @NotHere(
            tests = {"testDnsClientSideLoadBalancingEnabled", "testDnsClientSideLoadBalancingDisabled"},
            why = "need a name server of Apache's with all that belongs to it")
    @NotHere(
            tests = "testConnectTimeout",
            why = "connects to an address beyond this machine, and expects no answer, which is the network's to give")
    @NotHere(tests = ".*OpenSSL", why = "need netty-tcnative")
    public static class OnHttp2 extends Http2Test {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2ClientTimeout extends Http2ClientTimeoutTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2MYRServer extends Http2MYRServerTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2ClientResponseParser extends Http2ClientResponseParserTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2ClientConnection extends Http2ClientConnectionTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2SendFile extends Http2SendFileTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2ServerFileUpload extends Http2ServerFileUploadTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2ClientFileUpload extends Http2ClientFileUploadTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2WithUpgradeServerFileUpload extends Http2WithUpgradeServerFileUploadTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2WithUpgradeClientFileUpload extends Http2WithUpgradeClientFileUploadTest {}

    public static class OnHttp2Compression extends Http2CompressionTest {
        public OnHttp2Compression(int level) {
            super(level);
        }
    }

    @RunWith(SuiteRunner.class)
    @NotHere(tests = ".*OpenSSL.*", why = "need netty-tcnative")
    public static class OnHttp2TLS extends Http2TLSTest {}

    public static class OnHttp2Metrics extends Http2MetricsTest {
        public OnHttp2Metrics(HttpClientOptions client, HttpServerOptions server, ThreadingModel model) {
            super(client, server, model);
        }
    }

    @RunWith(SuiteRunner.class)
    public static class OnHttp2Tracer extends Http2TracerTest {}

    @RunWith(SuiteRunner.class)
    public static class OnHttp2Tracing extends Http2TracingTest {}
}
