package net.sniproxy.bpf;

import java.util.List;

/**
 * What the kernel must have for a request to succeed; used to explain a refusal, never to predict one.
 *
 * @param feature in words that finish the sentence "the kernel has no ..."
 * @param since the first version with it
 * @param options the build options it depends on, each with its CONFIG_
 */
public record Requirement(String feature, KernelVersion since, List<String> options) {
    public Requirement {
        options = List.copyOf(options);
    }

    /** The same with the version in parts. */
    public static Requirement of(String feature, int major, int minor, String... options) {
        return new Requirement(feature, new KernelVersion(major, minor), List.of(options));
    }
}
