package net.sniproxy.bpf.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.sniproxy.bpf.BpfFileSystem;
import net.sniproxy.bpf.Kernel;

/** A BPF file system of the test's own; its pins vanish when it is closed. */
public final class TestBpfFileSystem implements AutoCloseable {
    private final Path root;
    private final Thread removal = new Thread(this::remove);

    private TestBpfFileSystem(Path root) {
        this.root = root;
    }

    public static TestBpfFileSystem mount() {
        try {
            TestBpfFileSystem mounted = new TestBpfFileSystem(Files.createTempDirectory("bpffs-"));
            BpfFileSystem.mount(Kernel.running(), mounted.root);
            Runtime.getRuntime().addShutdownHook(mounted.removal);
            return mounted;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The directory to pin in. */
    public Path root() {
        return root;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(removal);
        remove();
    }

    private void remove() {
        BpfFileSystem.unmount(Kernel.running(), root);
        try {
            Files.delete(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
