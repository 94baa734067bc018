package net.sniproxy.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What proxies that were killed have left is removed, and nothing else. */
class AdminSocketsTest {
    /** Above the greatest number that a process can have. */
    private static final long NOBODY = 1L << 30;

    @TempDir
    Path folder;

    @Test
    void shouldRemoveTheSocketOfAProcessThatIsNoMore() throws IOException {
        Path dead = folder.resolve(NOBODY + ".sock");
        listen(dead).close();
        AdminSockets.removeDead(folder);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldLeaveASocketWhereSomebodyListens() throws IOException {
        Path shared = folder.resolve(NOBODY + ".sock");
        try (ServerSocketChannel _ = listen(shared)) {
            AdminSockets.removeDead(folder);
            assertThat(shared).exists();
        }
    }

    @Test
    void shouldLeaveWhatMayBeSomebodysAlone() throws IOException {
        Path living = folder.resolve(ProcessHandle.current().pid() + ".sock");
        Path named = folder.resolve("mine.sock");
        Path unfinished = folder.resolve(NOBODY + ".sock.new");
        for (Path socket : new Path[] {living, named, unfinished}) {
            listen(socket).close();
        }
        Path file = Files.createFile(folder.resolve(NOBODY + 1 + ".sock"));
        Path directory = Files.createDirectory(folder.resolve(NOBODY + 2 + ".sock"));
        Path link = Files.createSymbolicLink(folder.resolve(NOBODY + 3 + ".sock"), named);
        AdminSockets.removeDead(folder);
        assertThat(folder)
                .isDirectoryContaining(living::equals)
                .isDirectoryContaining(named::equals)
                .isDirectoryContaining(unfinished::equals)
                .isDirectoryContaining(file::equals)
                .isDirectoryContaining(directory::equals)
                .isDirectoryContaining(link::equals);
    }

    @Test
    void shouldTakeADirectoryThatIsNotThereForEmpty() {
        AdminSockets.removeDead(folder.resolve("none"));
        assertThat(folder).isEmptyDirectory();
    }

    /** As {@code bind} and {@code listen} do; closing leaves the file. */
    private static ServerSocketChannel listen(Path path) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        return listener.bind(UnixDomainSocketAddress.of(path));
    }
}
