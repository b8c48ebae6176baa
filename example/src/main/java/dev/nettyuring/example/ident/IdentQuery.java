// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.ident;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The two ports that a client asks about. White space may stand anywhere but within a number; a number has up to five digits.
 *
 * @param localPort at the server's machine; 0 if what was sent is no number
 * @param remotePort at the client's machine; 0 if what was sent is no number
 */
record IdentQuery(int localPort, int remotePort) {
    private static final Pattern PORT = Pattern.compile("[ \\t]*([0-9]{1,5})[ \\t]*");
    private static final int MAX_PORT = 65_535;

    static IdentQuery parse(String line) {
        String[] ports = line.split(",", -1);
        return ports.length == 2 ? new IdentQuery(port(ports[0]), port(ports[1])) : new IdentQuery(0, 0);
    }

    private static int port(String text) {
        Matcher port = PORT.matcher(text);
        return port.matches() ? Integer.parseInt(port.group(1)) : 0;
    }

    boolean isValid() {
        return localPort > 0 && localPort <= MAX_PORT && remotePort > 0 && remotePort <= MAX_PORT;
    }

    /** The line that answers it, with no more white space than needed, which is none: in an id it would count. */
    String answer(IdentReply reply) {
        return localPort + "," + remotePort + ":" + reply.text() + "\r\n";
    }
}
