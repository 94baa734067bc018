package net.sniproxy.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.BpfFileSystem;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Restart;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.user.ServiceUser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives up root, where the configuration names a user: keeps what the data paths need and nothing else. */
final class PrivilegeDrop {
    private static final Logger LOG = LoggerFactory.getLogger(PrivilegeDrop.class);
    private static final int ROOT = 0;
    private static final Path RUN = Path.of("/run/sni-proxy");

    private final Kernel kernel;
    private final ServiceUser user;

    private PrivilegeDrop(Kernel kernel, ServiceUser user) {
        this.kernel = kernel;
        this.user = user;
    }

    /**
     * Returns if there is nothing to give up; else this process's program starts anew as the user, from its first
     * instruction on. To be called before anything is opened.
     *
     * @throws CommandFailure if the user is not there or the kernel refuses; the process has to end then
     */
    static void perform(Kernel kernel, Config config) {
        if (config.user().isEmpty()) {
            return;
        }
        ServiceUser user = find(config.user().get());
        int current = kernel.facts().effectiveUser().orElse(ROOT);
        if (current == ROOT) {
            new PrivilegeDrop(kernel, user).perform(config.ebpf());
        } else if (current != user.id()) {
            LOG.warn(
                    "user: {} stays what it was, user {}: only root can become another",
                    config.user().get(),
                    current);
        }
    }

    private static ServiceUser find(String name) {
        try {
            ServiceUser user = ServiceUser.find(name)
                    .orElseThrow(() -> new CommandFailure("user: there is no user " + name
                            + " on this machine; make one: " + ServiceUser.commandThatMakes(name)));
            if (user.isRoot()) {
                throw new CommandFailure("user: " + name + " is root; name another user, or leave the key out");
            }
            return user;
        } catch (IOException e) {
            throw new CommandFailure("user: the files of users cannot be read: " + e, e);
        }
    }

    private void perform(EbpfConfig ebpf) {
        if (ebpf.enabled() != EbpfConfig.Enabled.FALSE) {
            pins(ebpf).forEach(this::givePins);
        }
        giveRunDirectory();
        try {
            Restart.as(
                    kernel,
                    new Restart.Identity(user.id(), user.group(), user.groups(), ServiceUser.KEPT),
                    // Root's own directory, which the user may not enter.
                    variable -> !variable.equals("XDG_RUNTIME_DIR"));
        } catch (BpfException | IOException e) {
            throw new CommandFailure("user: " + e.getMessage(), e);
        }
    }

    private static List<Path> pins(EbpfConfig ebpf) {
        List<Path> pins = new ArrayList<>();
        if (ebpf.splice().enabled()) {
            pins.add(ebpf.splice().pin());
        }
        ebpf.dnsCache().pin().ifPresent(pins::add);
        return pins;
    }

    /** Without it nothing outlives the process, which is no reason not to start. */
    private void givePins(Path directory) {
        try {
            BpfFileSystem.giveTo(kernel, directory.toAbsolutePath(), user.id(), user.group());
        } catch (BpfException | UncheckedIOException e) {
            LOG.warn("user: nothing can be pinned in {}: {}", directory, e.getMessage());
        }
    }

    /** Where the admin socket will be. */
    private void giveRunDirectory() {
        try {
            Files.createDirectories(RUN);
            Files.setAttribute(RUN, "unix:uid", user.id());
            Files.setAttribute(RUN, "unix:gid", user.group());
        } catch (IOException e) {
            LOG.warn("user: {} cannot be made the user's, commands will not reach the proxy: {}", RUN, e.toString());
        }
    }
}
