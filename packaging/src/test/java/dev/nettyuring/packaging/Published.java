// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The modules of the build, from the POMs, and the jars of those that are published. */
record Published(Path folder, String artifact) {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    static final String VERSION = System.getProperty("packaging.version");

    /** All modules with a jar that {@code mvn deploy} would publish. */
    static List<Published> modules() throws Exception {
        List<Published> modules = new ArrayList<>();
        for (Element module : children(pom(ROOT), "modules", "module")) {
            Path folder = ROOT.resolve(module.getTextContent().trim());
            Element pom = pom(folder);
            boolean isJar = !text(pom, "packaging").equals("pom");
            boolean isSkipped = children(pom, "properties", "maven.deploy.skip").stream()
                    .anyMatch(skip -> skip.getTextContent().equals("true"));
            if (isJar && !isSkipped) {
                modules.add(new Published(folder, text(pom, "artifactId")));
            }
        }
        assertThat(modules).isNotEmpty();
        return modules;
    }

    /** Its jar; a module that is published must be a dependency of this one, so that it is built before. */
    Path jar() {
        Path jar = folder.resolve("target").resolve(artifact + '-' + VERSION + ".jar");
        assertThat(jar)
                .as("built before: packaging/pom.xml names it as a dependency")
                .isRegularFile();
        return jar;
    }

    static Element bom() throws Exception {
        return pom(ROOT.resolve("bom"));
    }

    private static Element pom(Path folder) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(folder.resolve("pom.xml").toFile())
                .getDocumentElement();
    }

    /** The text of a child, or "" if there is none. */
    static String text(Element element, String name) {
        return children(element, name).stream()
                .map(child -> child.getTextContent().trim())
                .findFirst()
                .orElse("");
    }

    /** The elements at a path of names below an element. */
    static List<Element> children(Element element, String... path) {
        List<Element> found = List.of(element);
        for (String name : path) {
            List<Element> next = new ArrayList<>();
            for (Element parent : found) {
                for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
                    if (child instanceof Element named && named.getTagName().equals(name)) {
                        next.add(named);
                    }
                }
            }
            found = next;
        }
        return found;
    }

    /** Jars that this module's program needs, its own among them. */
    static List<Path> programsJars() throws Exception {
        List<Path> jars = new ArrayList<>(List.of(target("netty-uring-packaging-tests-" + VERSION + ".jar")));
        try (var libraries = Files.list(target("lib"))) {
            libraries.filter(library -> library.toString().endsWith(".jar")).forEach(jars::add);
        }
        return jars;
    }

    static Path target(String name) {
        Path file = Path.of("target", name).toAbsolutePath();
        assertThat(file).exists();
        return file;
    }
}
