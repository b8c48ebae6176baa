// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.EndedProcess;
import dev.nettyuring.testsuite.fault.BrokenBuild.Change;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deliberate bugs, and the nets that must find them. Each bug is a change of a line or two, compiled for the test, and runs in a
 * JVM of its own; the same program without the bug passes, so that what is found is the bug.
 *
 * <table>
 * <caption>Which net finds which bug</caption>
 * <tr><th>bug</th><th>found by</th><th>not by</th></tr>
 * <tr><td>a receive buffer goes back while the pipeline has a piece of it</td><td>poison mode: the piece turns into the pattern,
 * and a handler that changes it in place damages free memory; fault injection, which checks every byte, if the memory is used
 * again in time</td><td>counts and assertions, which agree with each other; sanitizers</td></tr>
 * <tr><td>a send's buffers are released at its submission</td><td>checked bytes, in {@link CheckedTransfers} and with fault
 * injection: what is sent is overwritten on release</td><td>poison mode, which watches receive memory; sanitizers, since it is
 * the kernel that reads</td></tr>
 * <tr><td>a receive buffer is released twice</td><td>assertions</td><td></td></tr>
 * <tr><td>what was sent is never released</td><td>the leak detector</td><td>checked bytes</td></tr>
 * <tr><td>the shim writes past an array</td><td>AddressSanitizer, and gcc's warnings</td><td>-Xcheck:jni</td></tr>
 * <tr><td>memory that was freed is given to write(2)</td><td>AddressSanitizer, if it was malloc(3)'s</td><td>poison mode</td></tr>
 * <tr><td>the shim's arithmetic overflows</td><td>UBSan</td><td>AddressSanitizer</td></tr>
 * <tr><td>a pending exception is not looked for; local references leak (until Java 24); a field is read as another type</td><td>-Xcheck:jni</td>
 * <td>sanitizers</td></tr>
 * </table>
 *
 * <p>AddressSanitizer sees what C code does: the shim's own accesses, and the arguments of the C library's functions that it
 * knows, write(2) and getsockopt(2) among them, against the stack, globals and memory of malloc(3). It sees neither what Java
 * does, nor what the kernel does for io_uring or after a plain syscall(2), nor where in a mapping, such as a slab, one buffer
 * ends. That is what poison mode and checked bytes are for. The last four rows are {@link ShimSafetyNetsTest}.
 */
class SafetyNetsTest {
    private static final String BUFFERS = "buffer-pool/src/main/java/dev/nettyuring/buffer/";
    private static final String CHANNELS = "transport-uring/src/main/java/dev/nettyuring/channel/";
    private static final String POISON_REPORT = "was written to after it was returned";

    private static final String WRONG_BYTE_OF_A_SEED = "byte \\d+ is -?\\d+ and not ";
    private static final List<String> SEEDS = List.of("4", "10");
    private static final int SEED_SECONDS = 20;

    /** Pieces hold no reference to their receive buffer, which goes back as soon as the kernel has filled it. */
    private static final Change[] EARLY_RELEASE = {
        new Change(BUFFERS + "ReceivedByteBuf.java", "buffer.retain(length);", ""),
        new Change(BUFFERS + "ReceivedByteBuf.java", "buffer.release(received);", ""),
    };

    /** A send releases its buffers when it is submitted, not when the kernel needs them no longer. */
    private static final Change RELEASE_AT_SUBMISSION = new Change(
            CHANNELS + "StreamSend.java",
            "            channel.submit(this);",
            "            channel.submit(this);\n            buffers.forEach(ByteBuf::release);\n            held = 0;");

    /** The kernel's reference to a receive buffer is released twice. */
    private static final Change RELEASED_TWICE = new Change(
            BUFFERS + "ReceiveBuffer.java", "        release(0);", "        release(0);\n        release(0);");

    /** What was sent stays with the request. */
    private static final Change NEVER_RELEASED =
            new Change(CHANNELS + "StreamSend.java", "            ReferenceCountUtil.safeRelease(buffers.get(i));", "");

    /** By the first of a bug's changes: what was compiled for another test. */
    private static final Map<Change, Path> BROKEN = new HashMap<>();

    @TempDir
    private static Path folder;

    @TempDir
    private Path temporary;

    private String classPath(Change... bug) throws IOException {
        String sound = System.getProperty("java.class.path");
        if (bug.length == 0) {
            return sound;
        }
        Path classes = BROKEN.get(bug[0]);
        if (classes == null) {
            classes = BrokenBuild.classes(Files.createTempDirectory(folder, "bug"), bug);
            BROKEN.put(bug[0], classes);
        }
        return classes + File.pathSeparator + sound;
    }

    /** Runs {@link CheckedTransfers} in poison mode. */
    private EndedProcess transfers(Change... bug) throws Exception {
        List<String> command = ChildJvm.defaultCommand("-cp", classPath(bug), "-Ddev.nettyuring.poison=true");
        command.add(CheckedTransfers.class.getName());
        return EndedProcess.of(temporary, new ProcessBuilder(command));
    }

    @Test
    void allTransfersAreSoundWithoutBugs() throws Exception {
        EndedProcess ended = transfers();
        assertThat(ended.printed()).contains(CheckedTransfers.SOUND).doesNotContain(POISON_REPORT);
        assertThat(ended.status()).isZero();
    }

    @Test
    void poisonModeFindsReceiveBuffersReleasedEarly() throws Exception {
        assertThat(transfers(EARLY_RELEASE).printed())
                .contains(POISON_REPORT, CheckedTransfers.WRONG_BYTE, "is a5")
                .doesNotContain(CheckedTransfers.SOUND);
    }

    @Test
    void checkedBytesFindSendsReleasedAtSubmission() throws Exception {
        assertThat(transfers(RELEASE_AT_SUBMISSION).printed())
                .contains(CheckedTransfers.WRONG_BYTE, "is dd")
                .doesNotContain(POISON_REPORT, CheckedTransfers.SOUND);
    }

    @Test
    void assertionsFindBuffersReleasedTwice() throws Exception {
        assertThat(transfers(RELEASED_TWICE).printed())
                .contains("AssertionError", "ReceiveBuffer.release")
                .doesNotContain(CheckedTransfers.SOUND);
    }

    @Test
    void theLeakDetectorFindsSendsThatAreNeverReleased() throws Exception {
        assertThat(transfers(NEVER_RELEASED).printed())
                .contains("LEAK")
                .doesNotContain(CheckedTransfers.WRONG_BYTE, CheckedTransfers.SOUND);
    }

    /** Runs seeds of {@link FaultInjectionTest}, without poison. */
    private EndedProcess seeds(Change... bug) throws Exception {
        List<String> command = ChildJvm.defaultCommand(
                "-javaagent:" + FaultAgent.writeJar(temporary),
                "-cp",
                classPath(bug),
                "-Ddev.nettyuring.poison=false",
                "-Dfaults.limitSeconds=" + SEED_SECONDS,
                "-XX:ErrorFile=" + temporary.resolve("crash"),
                "-Dio.netty.leakDetection.level=advanced");
        command.addAll(
                List.of(FaultMain.class.getName(), temporary.resolve("seeds").toString(), "1", "0", "0"));
        command.addAll(SEEDS);
        return EndedProcess.of(temporary, new ProcessBuilder(command));
    }

    @Test
    void theSeedsAreSoundWithoutBugs() throws Exception {
        assertThat(seeds().printed()).contains(FaultMain.DONE);
    }

    @Test
    void faultInjectionFindsReceiveBuffersReleasedEarly() throws Exception {
        // or it is read when it has been unmapped
        assertThat(seeds(EARLY_RELEASE).printed()).containsPattern(WRONG_BYTE_OF_A_SEED + "|SIGSEGV");
    }

    @Test
    void faultInjectionFindsSendsReleasedAtSubmission() throws Exception {
        assertThat(seeds(RELEASE_AT_SUBMISSION).printed()).containsPattern(WRONG_BYTE_OF_A_SEED);
    }
}
