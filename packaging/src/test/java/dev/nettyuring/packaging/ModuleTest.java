// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jars as modules, and what the JVM needs to be told for them not to make it warn. */
class ModuleTest {
    private static final String PROGRAM = "dev.nettyuring.packaging/dev.nettyuring.packaging.RoundTrip";

    @TempDir
    private Path folder;

    @Test
    void eachJarNamesItsModule() throws Exception {
        for (Published module : Published.modules()) {
            try (JarFile jar = new JarFile(module.jar().toFile())) {
                assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name"))
                        .as(module.artifact())
                        .startsWith("dev.nettyuring.");
            }
        }
    }

    @Test
    void noPackageIsInTwoModules() throws Exception {
        List<Path> jars = new ArrayList<>(Published.programsJars());
        for (Published module : Published.modules()) {
            if (jars.stream().noneMatch(jar -> jar.endsWith(module.jar().getFileName()))) {
                jars.add(module.jar());
            }
        }
        Map<String, String> owners = new HashMap<>();
        for (ModuleReference reference :
                ModuleFinder.of(jars.toArray(new Path[0])).findAll()) {
            ModuleDescriptor module = reference.descriptor();
            for (String name : module.packages()) {
                String owner = owners.put(name, module.name());
                assertThat(owner)
                        .as("the other module with %s, beside %s", name, module.name())
                        .isNull();
            }
        }
        assertThat(owners)
                .containsEntry("dev.nettyuring.jni", "dev.nettyuring.jni")
                .containsEntry("dev.nettyuring.buffer", "dev.nettyuring.buffer")
                .containsEntry("dev.nettyuring.channel", "dev.nettyuring.transport")
                .containsEntry("io.netty.channel", "io.netty.transport");
    }

    @Test
    void java25HasNothingToWarnOfOnTheClassPath() throws Exception {
        onClassPath("--enable-native-access=ALL-UNNAMED").succeeded("");
    }

    @Test
    void java25HasNothingToWarnOfOnTheModulePath() throws Exception {
        onModulePath("--enable-native-access=io.netty.common").succeeded("");
    }

    /** That the two before would see it. */
    @Test
    void java25WarnsWithoutTheFlags() throws Exception {
        assertThat(onClassPath("-Dflag=none").errors()).contains("WARNING", "--enable-native-access=ALL-UNNAMED");
        assertThat(onModulePath("-Dflag=none").errors()).contains("WARNING", "--enable-native-access=io.netty.common");
    }

    private Program onClassPath(String flag) throws Exception {
        String jars = Program.path(Published.programsJars());
        return Program.run(folder, Program.java25(), flag, "-cp", jars, RoundTrip.class.getName());
    }

    private Program onModulePath(String flag) throws Exception {
        String jars = Program.path(Published.programsJars());
        // that nothing requires: the program is an automatic module too
        String netty = "io.netty.transport.unix.common,io.netty.codec.http";
        return Program.run(folder, Program.java25(), flag, "--add-modules", netty, "-p", jars, "-m", PROGRAM);
    }
}
