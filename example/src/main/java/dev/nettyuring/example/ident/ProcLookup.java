// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.ident;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * This machine's own connections, as the kernel lists them in {@code /proc/net/tcp} and {@code tcp6}, and their users, from
 * {@code /etc/passwd}. Who has a file {@code .noident} in his home directory is not told of.
 */
public final class ProcLookup implements ConnectionLookup {
    private static final List<String> TABLES = List.of("tcp", "tcp6");
    private static final int LOCAL_COLUMN = 1;
    private static final int REMOTE_COLUMN = 2;
    private static final int USER_COLUMN = 7;
    private static final int INODE_COLUMN = 9;

    private static final int PASSWD_USER_FIELD = 2;
    private static final int PASSWD_HOME_FIELD = 5;

    private final Path tables;
    private final Path passwd;

    /** Reads these at every lookup: the directory of the tables, {@code /proc/net}, and {@code /etc/passwd}. */
    public ProcLookup(Path tables, Path passwd) {
        this.tables = tables;
        this.passwd = passwd;
    }

    @Override
    public IdentReply lookUp(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        Optional<String> user = userOf(local, remote);
        return user.isEmpty() ? IdentReply.NO_USER : reply(user.get());
    }

    private Optional<String> userOf(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        for (String table : TABLES) {
            Path file = tables.resolve(table);
            if (Files.exists(file)) { // not every kernel has IPv6
                List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
                for (String line : lines.subList(1, lines.size())) {
                    String[] columns = line.trim().split("\\s+");
                    boolean owned =
                            !columns[INODE_COLUMN].equals("0"); // else it is over (TIME_WAIT), and the user wrong
                    if (owned
                            && local.equals(address(columns[LOCAL_COLUMN]))
                            && remote.equals(address(columns[REMOTE_COLUMN]))) {
                        return Optional.of(columns[USER_COLUMN]);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** An address like {@code 0100007F:1F90}: words as they lie in memory, and a port. IPv4 in tcp6 is IPv4. */
    private static InetSocketAddress address(String hex) throws IOException {
        String[] parts = hex.split(":");
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(parts[0]));
        ByteBuffer ordered = ByteBuffer.allocate(bytes.remaining()).order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            ordered.putInt(bytes.getInt());
        }
        return new InetSocketAddress(InetAddress.getByAddress(ordered.array()), Integer.parseInt(parts[1], 16));
    }

    private IdentReply reply(String user) throws IOException {
        for (String line : Files.readAllLines(passwd, StandardCharsets.UTF_8)) {
            String[] fields = line.split(":", -1);
            if (fields.length > PASSWD_HOME_FIELD && fields[PASSWD_USER_FIELD].equals(user)) {
                boolean hidden = Files.exists(Path.of(fields[PASSWD_HOME_FIELD]).resolve(".noident"));
                return hidden ? IdentReply.HIDDEN_USER : IdentReply.user(fields[0]);
            }
        }
        return IdentReply.token(user); // somebody without a name, perhaps of a container
    }
}
