// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.EndedProcess;
import dev.nettyuring.testsuite.fault.BrokenBuild.Change;
import dev.nettyuring.testsuite.fault.ShimCalls.Call;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deliberate bugs in the shim, and that AddressSanitizer, UBSan and -Xcheck:jni find each, as {@code ./verify sanitizers} runs
 * them. {@link SafetyNetsTest} says what each net is for.
 */
class ShimSafetyNetsTest {
    private static final String SHIM = "netty_uring.c";
    private static final Path SCRIPTS = Path.of("..", "scripts", "sanitized");
    private static final Path NATIVE_TESTS = Path.of("..", "transport-uring-native", "target", "test-classes");
    /** What takes seconds; the others are for {@code ./verify sanitizers}. */
    private static final List<String> SOUND_TESTS =
            List.of("dev.nettyuring.jni.ShimTest", "dev.nettyuring.testsuite.channel.WriteTest");

    /** An array is smaller than the C library is told. */
    private static final Change[] SMALL_ARRAY = {
        new Change(SHIM, "char text[128];", "char text[8];"), new Change(SHIM, "sizeof(text)", "128"),
    };

    /** Lengths are ints. */
    private static final Change OVERFLOW =
            new Change(SHIM, "mmap(NULL, (size_t) length,", "mmap(NULL, (size_t) (((jint) length + 4095) & ~4095),");

    /** Java is called with an exception pending. */
    private static final Change UNCHECKED_EXCEPTION = new Change(
            SHIM,
            "    return (jlong) (intptr_t) id;",
            "    (*env)->GetObjectClass(env, name);\n    return (jlong) (intptr_t) id;");

    /** Local references are made in a loop and not deleted. */
    private static final Change LEAKED_REFERENCES = new Change(
            SHIM,
            "    return (*env)->GetObjectField(",
            "    for (int i = 0; i < 1000; i++) {\n        (*env)->NewLocalRef(env, object);\n    }\n"
                    + "    return (*env)->GetObjectField(");

    /** A field is read as one of another type. */
    private static final Change WRONG_TYPE = new Change(SHIM, "GetIntField(", "GetLongField(");

    @TempDir
    private static Path folder;

    /** The Java whose -Xcheck:jni does not warn of local references, and on which Netty calls the C library's malloc(3) itself. */
    private static final int FINDS_LESS = 25;

    private static Path soundShim;
    private static Path brokenShim;

    @TempDir
    private Path temporary;

    /** One for all bugs, which are in different functions: they show when these are called. */
    @BeforeAll
    static void compile() throws Exception {
        soundShim = BrokenBuild.shim(folder.resolve("sound"));
        List<Change> bugs = Stream.concat(
                        Stream.of(SMALL_ARRAY), Stream.of(OVERFLOW, UNCHECKED_EXCEPTION, LEAKED_REFERENCES, WRONG_TYPE))
                .collect(Collectors.toList());
        brokenShim = BrokenBuild.shim(folder.resolve("broken"), bugs.toArray(new Change[0]));
    }

    /** Runs a program with this shim; returns what the nets report, with status 0 if that is nothing. */
    private EndedProcess reports(Path shim, String done, Class<?> program, Stream<String> arguments) throws Exception {
        String reports = Files.createDirectories(temporary.resolve("reports")).toString();
        List<String> command = ChildJvm.defaultCommand("-cp", classPath());
        command.set(0, SCRIPTS.resolve("bin/java").toString());
        command.add(program.getName());
        arguments.forEach(command::add);
        ProcessBuilder java = new ProcessBuilder(command);
        java.environment()
                .putAll(Map.of(
                        "TEST_JAVA",
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                        "TEST_REPORTS", reports,
                        "TEST_SHIM", shim.toString()));
        EndedProcess ended = EndedProcess.of(temporary, java);
        EndedProcess found = EndedProcess.of(
                temporary, new ProcessBuilder(SCRIPTS.resolve("reports").toString(), reports));
        if (found.status() == 0) {
            assertThat(ended.printed()).contains(done);
        }
        return found;
    }

    private static String classPath() {
        return NATIVE_TESTS + File.pathSeparator + System.getProperty("java.class.path");
    }

    private EndedProcess reports(Path shim, Call... calls) throws Exception {
        return reports(shim, ShimCalls.DONE, ShimCalls.class, Stream.of(calls).map(Call::name));
    }

    private void finds(Path shim, Call call, String... texts) throws Exception {
        EndedProcess found = reports(shim, call);
        assertThat(found.printed()).contains(texts);
        assertThat(found.status()).isEqualTo(1);
    }

    @Test
    void theShimIsSound() throws Exception {
        EndedProcess found =
                reports(soundShim, Call.ERROR_TEXTS, Call.LARGE_MAPPING, Call.MISSING_FIELD, Call.FIELDS, Call.WRITE);
        assertThat(found.printed()).contains("found nothing in 1 JVMs");
        assertThat(found.status()).isZero();
    }

    @Test
    void theTransportIsSoundOnTheSanitizedShim() throws Exception {
        EndedProcess found = reports(soundShim, TestClasses.PASSED, TestClasses.class, SOUND_TESTS.stream());
        assertThat(found.printed()).contains("found nothing in 1 JVMs");
        assertThat(found.status()).isZero();
    }

    @Test
    void addressSanitizerFindsWritesPastAnArray() throws Exception {
        finds(brokenShim, Call.ERROR_TEXTS, "AddressSanitizer: stack-buffer-overflow", "netty_uring.c", "'text'");
    }

    @Test
    void addressSanitizerFindsSystemCallsWithMemoryThatWasReleased() throws Exception {
        assumeTrue(Runtime.version().feature() < FINDS_LESS, "AddressSanitizer does not see Netty's memory");
        finds(soundShim, Call.WRITE_AFTER_RELEASE, "AddressSanitizer: heap-use-after-free", "netty_uring.c");
    }

    @Test
    void ubsanFindsOverflow() throws Exception {
        finds(brokenShim, Call.LARGE_MAPPING, "netty_uring.c", "runtime error: signed integer overflow");
    }

    @Test
    void checkJniFindsCallsWithAnExceptionPending() throws Exception {
        finds(
                brokenShim,
                Call.MISSING_FIELD,
                "JNI call made with exception pending",
                "dev.nettyuring.jni.Native.fieldId");
    }

    @Test
    void checkJniFindsLocalReferencesThatLeak() throws Exception {
        assumeTrue(Runtime.version().feature() < FINDS_LESS, "this JVM does not count them");
        finds(brokenShim, Call.FIELDS, "JNI local refs: ", "dev.nettyuring.jni.Native.objectField");
    }

    @Test
    void checkJniFindsFieldsOfAnotherType() throws Exception {
        finds(brokenShim, Call.FIELDS, "Field type (instance) mismatch", "dev.nettyuring.jni.Native.intField");
    }
}
