package net.sniproxy.bpf.testing;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.sniproxy.bpf.sys.Descriptor;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class that leaves a descriptor open, and shows where each was opened. */
public final class DescriptorLeakCheck implements BeforeAllCallback, AfterAllCallback {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(DescriptorLeakCheck.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(HERE).put(context.getUniqueId(), Snapshot.now());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Snapshot before = context.getStore(HERE).get(context.getUniqueId(), Snapshot.class);
        before.failOnLeaks(context.getDisplayName());
    }

    /**
     * What was open at a moment.
     *
     * @param open the descriptors
     * @param leaked how many the garbage collector had closed until then
     */
    public record Snapshot(Set<Descriptor.Leak> open, int leaked) {
        public static Snapshot now() {
            return new Snapshot(new HashSet<>(Descriptor.open()), Descriptor.leaked());
        }

        /** @throws AssertionError with an origin for each descriptor that has been opened since and is not closed */
        public void failOnLeaks(String who) {
            List<Descriptor.Leak> leaks = Descriptor.open().stream()
                    .filter(descriptor -> !open.contains(descriptor))
                    .toList();
            int lost = Descriptor.leaked() - leaked;
            if (leaks.isEmpty() && lost == 0) {
                return;
            }
            AssertionError failure = new AssertionError(who + " leaves " + leaks.size() + " descriptors open and lost "
                    + lost + " to the garbage collector; open: "
                    + leaks.stream().map(Descriptor.Leak::what).toList());
            leaks.forEach(leak -> failure.addSuppressed(leak.origin()));
            throw failure;
        }
    }
}
