// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.channel.CProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** {@link Subject} in a process of its own, which serves a whole table of faults: strace(1) comes and goes. */
final class SubjectProcess implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;

    private final Process process;
    private final PrintStream in;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    /** What else it printed: warnings, and leaks. */
    private final List<String> printed = new CopyOnWriteArrayList<>();

    private SubjectProcess(Process process) {
        this.process = process;
        in = new PrintStream(process.getOutputStream(), true);
        Thread reader = new Thread(this::read, "reads what the subject says");
        reader.setDaemon(true);
        reader.start();
    }

    static SubjectProcess start(Path folder, String... jvmArguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(CProgram.compile(folder, "traceable").toString());
        command.addAll(ChildJvm.command(jvmArguments));
        command.add(Subject.class.getName());
        return new SubjectProcess(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private void read() {
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                (line.startsWith(Subject.ANSWER) ? answers : printed)
                        .add(line.startsWith(Subject.ANSWER) ? line.substring(Subject.ANSWER.length()) : line);
            }
        } catch (IOException e) {
            printed.add(e.toString());
        }
    }

    long pid() {
        return process.pid();
    }

    /** Tells it something, and returns what it answers. */
    String ask(String command) throws InterruptedException {
        in.println(command);
        String answer = answers.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("no answer to " + command + " in time; it printed " + printed);
        }
        return answer;
    }

    /** What it printed since the last call beside its answers. */
    List<String> takePrinted() {
        List<String> taken = List.copyOf(printed);
        printed.clear();
        return taken;
    }

    @Override
    public void close() throws InterruptedException {
        in.println(Subject.QUIT);
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the subject does not end; it printed " + printed);
        }
    }
}
