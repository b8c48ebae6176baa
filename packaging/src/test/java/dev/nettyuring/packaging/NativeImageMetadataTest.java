// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.netty.channel.Channel;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the jars tell GraalVM's native-image. */
class NativeImageMetadataTest {
    @TempDir
    private Path folder;

    /** The library's own look-ups, which an agent has seen, are those of the jni-config.json files: no fewer, no more. */
    @Test
    void namesWhatTheNativeLibraryLooksUp() throws Exception {
        Path lookups = folder.resolve("lookups");
        Program.run(
                        folder,
                        Program.thisJava(),
                        "-agentpath:" + agent() + "=" + lookups,
                        "-cp",
                        Program.path(Published.programsJars()),
                        RoundTrip.class.getName())
                .succeeded("");
        Set<String> seen = Files.readAllLines(lookups).stream()
                .map(NativeImageMetadataTest::withoutFieldType)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> configured = new TreeSet<>();
        for (JsonElement type : entries("jni-config.json")) {
            configured.addAll(lookupsOf(type.getAsJsonObject()));
        }
        assertThat(configured).isEqualTo(seen);
    }

    private Path agent() throws Exception {
        Path source = folder.resolve("lookups.c");
        try (var in = getClass().getResourceAsStream("/lookups.c")) {
            Files.copy(in, source);
        }
        String headers = Path.of(System.getProperty("java.home"), "include").toString();
        Path agent = folder.resolve("liblookups.so");
        String[] command = {
            "gcc", "-shared", "-fPIC", "-I" + headers, "-I" + headers + "/linux", "-o", agent + "", source + ""
        };
        Process compiler = new ProcessBuilder(command).inheritIO().start();
        assertThat(compiler.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(compiler.exitValue()).isZero();
        return agent;
    }

    /** A field's type is not in the metadata, a method's is. */
    private static String withoutFieldType(String lookup) {
        String[] parts = lookup.split(" ");
        return parts.length == 3 && !parts[2].startsWith("(") ? parts[0] + ' ' + parts[1] : lookup;
    }

    private static Set<String> lookupsOf(JsonObject type) throws Exception {
        String name = type.get("name").getAsString();
        Class<?> named = Class.forName(name, false, NativeImageMetadataTest.class.getClassLoader());
        Set<String> lookups = new TreeSet<>();
        for (JsonElement field : members(type, "fields")) {
            lookups.add(named.descriptorString()
                    + ' '
                    + field.getAsJsonObject().get("name").getAsString());
        }
        for (JsonElement method : members(type, "methods")) {
            String parameters = Arrays.stream(parameters(method))
                    .map(Class::descriptorString)
                    .collect(Collectors.joining("", "(", ")V"));
            lookups.add(named.descriptorString() + " "
                    + method.getAsJsonObject().get("name").getAsString() + ' ' + parameters);
        }
        if (lookups.isEmpty()) {
            lookups.add(named.descriptorString());
        }
        return lookups;
    }

    private static JsonArray members(JsonObject type, String kind) {
        return type.has(kind) ? type.getAsJsonArray(kind) : new JsonArray();
    }

    private static Class<?>[] parameters(JsonElement method) {
        List<Class<?>> types = new ArrayList<>();
        for (JsonElement type : method.getAsJsonObject().getAsJsonArray("parameterTypes")) {
            types.add(
                    switch (type.getAsString()) {
                        case "int" -> int.class;
                        case "int[]" -> int[].class;
                        default -> throw new AssertionError("the test does not know " + type);
                    });
        }
        return types.toArray(new Class<?>[0]);
    }

    @Test
    void namesClassesAndConstructorsThatAreThere() throws Exception {
        for (JsonElement element : entries("reflect-config.json")) {
            JsonObject type = element.getAsJsonObject();
            Class<?> named = Class.forName(
                    type.get("name").getAsString(), false, getClass().getClassLoader());
            for (JsonElement method : members(type, "methods")) {
                assertThat(method.getAsJsonObject().get("name").getAsString()).isEqualTo("<init>");
                assertThat(named.getDeclaredConstructor(parameters(method))).isNotNull();
            }
            if (type.has("condition")) {
                String condition =
                        type.getAsJsonObject("condition").get("typeReachable").getAsString();
                assertThat(condition).isEqualTo(named.getName());
            }
        }
    }

    /** {@code Bootstrap.channel(Class)} calls their constructors by reflection. */
    @Test
    void namesEachChannelThatABootstrapMakes() throws Exception {
        List<String> channels = new ArrayList<>();
        for (Published module : Published.modules()) {
            try (JarFile jar = new JarFile(module.jar().toFile())) {
                for (JarEntry entry : jar.stream().toList()) {
                    if (entry.getName().matches("dev/nettyuring/channel/\\w+Channel\\.class")) {
                        channels.add(entry.getName().replace('/', '.').replace(".class", ""));
                    }
                }
            }
        }
        channels.removeIf(name -> !isMadeByBootstraps(name));
        assertThat(channels).isNotEmpty();
        List<String> named = new ArrayList<>();
        entries("reflect-config.json")
                .forEach(type -> named.add(type.getAsJsonObject().get("name").getAsString()));
        assertThat(named).containsAll(channels);
    }

    private static boolean isMadeByBootstraps(String name) {
        try {
            Class<?> type = Class.forName(name, false, NativeImageMetadataTest.class.getClassLoader());
            return Channel.class.isAssignableFrom(type)
                    && !Modifier.isAbstract(type.getModifiers())
                    && Modifier.isPublic(type.getConstructor().getModifiers());
        } catch (ReflectiveOperationException noSuchConstructor) {
            return false;
        }
    }

    @Test
    void namesTheNativeLibrary() throws Exception {
        Set<String> patterns = new TreeSet<>();
        List<String> libraries = new ArrayList<>();
        for (Published module : Published.modules()) {
            try (JarFile jar = new JarFile(module.jar().toFile())) {
                JsonElement config = read(jar, module, "resource-config.json");
                if (config == null) {
                    continue;
                }
                config.getAsJsonObject()
                        .getAsJsonObject("resources")
                        .getAsJsonArray("includes")
                        .forEach(include -> patterns.add(
                                include.getAsJsonObject().get("pattern").getAsString()));
                jar.stream()
                        .map(JarEntry::getName)
                        .filter(name -> name.endsWith(".so"))
                        .forEach(libraries::add);
            }
        }
        assertThat(libraries).isNotEmpty().allMatch(name -> patterns.stream().anyMatch(name::matches));
    }

    private static JsonArray entries(String file) throws Exception {
        JsonArray all = new JsonArray();
        for (Published module : Published.modules()) {
            try (JarFile jar = new JarFile(module.jar().toFile())) {
                JsonElement content = read(jar, module, file);
                if (content != null) {
                    all.addAll(content.getAsJsonArray());
                }
            }
        }
        assertThat(all).as(file).isNotEmpty();
        return all;
    }

    private static JsonElement read(JarFile jar, Published module, String file) throws Exception {
        JarEntry entry = jar.getJarEntry("META-INF/native-image/dev.nettyuring/" + module.artifact() + '/' + file);
        if (entry == null) {
            return null;
        }
        try (Reader reader = new InputStreamReader(jar.getInputStream(entry))) {
            return JsonParser.parseReader(reader);
        }
    }
}
