package net.sniproxy.bpf.testing;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class during which the kernel complained. The log belongs to the whole machine: a complaint that another
 * process caused fails the class too, which is better than missing one. Without root there is nothing to check, since
 * the kernel tests do not run either.
 */
public final class KernelLogCheck implements BeforeAllCallback, AfterAllCallback {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(KernelLogCheck.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        if (isOutermost(context) && RootCondition.isRoot()) {
            context.getStore(HERE).put("log", KernelLog.now());
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (!isOutermost(context) || !RootCondition.isRoot()) {
            return;
        }
        List<String> complaints =
                context.getStore(HERE).get("log", KernelLog.class).complaintsSince();
        if (!complaints.isEmpty()) {
            throw new AssertionError(
                    "the kernel complained during " + context.getDisplayName() + ":\n" + String.join("\n", complaints));
        }
    }

    private static boolean isOutermost(ExtensionContext context) {
        return context.getTestClass()
                .map(type -> type.getEnclosingClass() == null)
                .orElse(false);
    }
}
