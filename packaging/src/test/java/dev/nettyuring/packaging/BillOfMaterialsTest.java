// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class BillOfMaterialsTest {
    @Test
    void namesEachPublishedModuleAndNothingElse() throws Exception {
        List<String> published =
                Published.modules().stream().map(Published::artifact).toList();
        assertThat(managed())
                .extracting(dependency -> Published.text(dependency, "artifactId"))
                .containsExactlyInAnyOrderElementsOf(published);
    }

    @Test
    void hasTheVersionOfTheBuild() throws Exception {
        assertThat(Published.text(Published.bom(), "version")).isEqualTo(Published.VERSION);
        assertThat(managed()).allSatisfy(dependency -> {
            assertThat(Published.text(dependency, "groupId")).isEqualTo("dev.nettyuring");
            assertThat(Published.text(dependency, "version")).isEqualTo("${project.version}");
        });
    }

    private static List<Element> managed() throws Exception {
        return Published.children(Published.bom(), "dependencyManagement", "dependencies", "dependency");
    }
}
