// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.testsuite.Leaks;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** Soaks for a time: {@code FOLDER SEED SECONDS SECONDS-BETWEEN-CHECKPOINTS SESSIONS-A-SECOND}. Prints what happened. */
public final class SoakMain {
    /** Printed when all went well. */
    static final String DONE = "the soak found nothing";

    private static final long SETTLE_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int SETTLE_STEP_MILLIS = 10;

    private final long seed;
    private final Soak soak;
    private final List<Usage> checkpoints = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private Usage base;

    private SoakMain(long seed, Soak soak) {
        this.seed = seed;
        this.soak = soak;
    }

    /** The program. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        long seed = Long.parseLong(arguments[1]);
        Leaks.record();
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        Uring.ensureAvailability();
        X509Bundle certificate = new CertificateBuilder()
                .ecp256()
                .subject("CN=soak")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        SslProvider provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
        SslContext server = SslContextBuilder.forServer(
                        certificate.getKeyPair().getPrivate(), certificate.getCertificatePath())
                .sslProvider(provider)
                .build();
        SslContext client = SslContextBuilder.forClient()
                .sslProvider(provider)
                .endpointIdentificationAlgorithm(null)
                .trustManager(certificate.getCertificate())
                .build();
        Soak soak = new Soak(seed, folder, Long.parseLong(arguments[4]), server, client);
        SoakMain main = new SoakMain(seed, soak);
        main.run(Long.parseLong(arguments[2]), Long.parseLong(arguments[3]));
        System.exit(main.wrong.isEmpty() ? 0 : 1);
    }

    private void run(long seconds, long secondsBetween) throws Exception {
        print("seed " + seed);
        base = Usage.of(soak.metrics);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        do {
            soak.run(Math.min(end - System.nanoTime(), TimeUnit.SECONDS.toNanos(secondsBetween)));
            checkpoint();
        } while (System.nanoTime() - end < 0 && wrong.isEmpty());
        wrong.addAll(Flatness.judge(checkpoints));
        soak.close();
        Usage after = Usage.of(soak.metrics);
        require(
                after.operationsInFlight == 0 && after.buffersInPipeline == 0,
                "left when the loops have ended: " + after);
        takeFaults();
        print(wrong.isEmpty() ? DONE : wrong.size() + " found; seed " + seed);
    }

    /** Nothing may be left of the connections. */
    private void checkpoint() throws Exception {
        Usage now = settled();
        checkpoints.add(now);
        print(soak.load.completed + " connections, " + soak.load.abandoned + " cut short, " + soak.load.moves
                + " moves, " + soak.loopsEnded + " loops ended, " + (soak.load.bytes.sum() >> 20) + " MiB served, "
                + soak.load.checks + " pieces right, " + soak.load.datagramsRepeated + " datagrams again; " + now);
        require(now.operationsInFlight == 0, now.operationsInFlight + " operations are in flight");
        require(now.buffersInPipeline == 0, now.buffersInPipeline + " receive buffers are in use");
        require(now.sockets == base.sockets, now.sockets + " sockets are open, not " + base.sockets);
        takeFaults();
    }

    private void takeFaults() throws InterruptedException {
        for (String fault = soak.load.faults.poll(); fault != null; fault = soak.load.faults.poll()) {
            wrong(fault);
        }
        Leaks.find().forEach(leak -> wrong("leaked: " + leak));
    }

    /** What there is when zero-copy sends have been acknowledged, or what does not go away. */
    private Usage settled() throws Exception {
        System.gc();
        long start = System.nanoTime();
        Usage usage = Usage.of(soak.metrics);
        while (System.nanoTime() - start < SETTLE_LIMIT_NANOS
                && (usage.operationsInFlight != 0 || usage.buffersInPipeline != 0 || usage.sockets != base.sockets)) {
            Thread.sleep(SETTLE_STEP_MILLIS);
            usage = Usage.of(soak.metrics);
        }
        return usage;
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            wrong(otherwise);
        }
    }

    private void wrong(String what) {
        wrong.add(what);
        print("WRONG, seed " + seed + ": " + what.lines().limit(30).collect(Collectors.joining("\n    ")));
    }

    private static void print(String line) {
        System.out.println(LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + line);
    }
}
