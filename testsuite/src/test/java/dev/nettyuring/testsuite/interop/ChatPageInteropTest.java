// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.example.RunningServer;
import dev.nettyuring.example.chat.ChatServer;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The example chat's page in two tabs of Chromium, where that is installed. */
@Timeout(120)
@ExtendWith(LeakCheck.class)
class ChatPageInteropTest {
    private static final String MESSAGES =
            "[...document.querySelectorAll('#messages li')].map(li => li.textContent).join('|')";

    @TempDir
    Path directory;

    @BeforeAll
    static void needsChromium() {
        assumeTrue(Browser.isInstalled(), "Chromium is not installed");
    }

    @Test
    void twoPagesExchangeMessages() throws Exception {
        try (RunningServer server = ChatServer.start(0);
                Browser browser = new Browser(directory)) {
            String url = "http://127.0.0.1:" + server.port() + "/?name=";
            Browser.Page ann = browser.open(url + "Ann");
            ann.await(MESSAGES, "Ann is here");
            Browser.Page bob = browser.open(url + "Bob");
            ann.await(MESSAGES, "Ann is here|Bob is here");
            bob.await("document.getElementById('status').textContent", "You are Bob");

            say(bob, "Hello Ann");
            ann.await(MESSAGES, "Ann is here|Bob is here|Bob: Hello Ann");
            say(ann, "<b>Hello</b> Bob");
            bob.await(MESSAGES, "Bob is here|Bob: Hello Ann|Ann: <b>Hello</b> Bob");
            assertThat(bob.evaluate("String(document.querySelectorAll('#messages b').length)"))
                    .as("markup in a message stays text")
                    .isEqualTo("0");

            server.close();
            bob.await("document.getElementById('status').textContent", "The connection is closed");
            assertThat(bob.evaluate("String(document.querySelector('button').disabled)"))
                    .isEqualTo("true");
        }
    }

    /** Types and sends, as a user does. */
    private static void say(Browser.Page page, String text) throws Exception {
        page.evaluate("(f => { f.elements.text.value = '" + text + "'; f.requestSubmit(); return 'said' })"
                + "(document.querySelector('form'))");
    }
}
