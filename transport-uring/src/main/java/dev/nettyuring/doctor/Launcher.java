// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.doctor;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;

/**
 * {@code java -jar transport-uring-VERSION.jar}: runs {@link Doctor}, with Netty from the class path or from where {@link
 * Libraries} finds it. Needs nothing but the JDK itself.
 */
public final class Launcher {
    /** Exit status: nothing could be found out. */
    static final int CANNOT_EXAMINE = 3;

    private static final String DOCTOR = "dev.nettyuring.doctor.Doctor";
    private static final String[] CANARIES = {"io.netty.channel.IoHandler", "dev.nettyuring.jni.Native"};

    private Launcher() {}

    /** Runs the doctor, and ends the JVM with its status. */
    public static void main(String[] args) throws Exception {
        ClassLoader loader = Launcher.class.getClassLoader();
        if (isComplete(loader)) {
            System.exit(run(loader, args, "the class path"));
        }
        Path jar = location();
        Libraries libraries = new Libraries(jar, version(jar), mavenRepository());
        if (!libraries.missing().isEmpty()) {
            System.err.println(explain(jar, libraries));
            System.exit(CANNOT_EXAMINE);
        }
        List<URL> urls = new ArrayList<>(List.of(jar.toUri().toURL()));
        for (Path library : libraries.found()) {
            urls.add(library.toUri().toURL());
        }
        try (URLClassLoader complete =
                new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
            System.exit(run(complete, args, libraries.found().toString()));
        }
    }

    private static boolean isComplete(ClassLoader loader) {
        for (String canary : CANARIES) {
            if (loader.getResource(canary.replace('.', '/') + ".class") == null) {
                return false;
            }
        }
        return true;
    }

    private static int run(ClassLoader loader, String[] args, String libraries) throws ReflectiveOperationException {
        try {
            return (int) Class.forName(DOCTOR, true, loader)
                    .getMethod("run", String[].class)
                    .invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof LinkageError)) {
                throw e;
            }
            System.err.println("These do not fit together, or Netty is not 4.2: " + libraries + ": " + e.getCause());
            return CANNOT_EXAMINE;
        }
    }

    private static Path location() throws URISyntaxException {
        return Path.of(Launcher.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static String version(Path jar) throws IOException {
        if (!Files.isRegularFile(jar)) {
            return "";
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            String version = file.getManifest().getMainAttributes().getValue("Implementation-Version");
            return version == null ? "" : version;
        }
    }

    private static Path mavenRepository() {
        String named = System.getProperty("maven.repo.local");
        return named != null ? Path.of(named) : Path.of(System.getProperty("user.home"), ".m2", "repository");
    }

    private static String explain(Path jar, Libraries libraries) {
        StringBuilder text = new StringBuilder(jar.getFileName().toString())
                .append(" needs Netty 4.2 and the other jars of this project, and these are missing:");
        libraries.missing().forEach(name -> text.append("\n  ").append(name));
        text.append("\nThey are in none of:");
        libraries.searched().forEach(folder -> text.append("\n  ").append(folder));
        return text.append("\nIn a project that depends on transport-uring, copy them, and run the jar among them:")
                .append("\n  mvn dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=doctor")
                .append("\n  java -jar doctor/")
                .append(jar.getFileName())
                .append("\nor run the doctor on the class path of the program itself:")
                .append("\n  java -cp CLASSPATH ")
                .append(Launcher.class.getName())
                .toString();
    }
}
