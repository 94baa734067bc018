package net.sniproxy.proxy.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.proxy.config.Config;

/** Looks at a machine. For one thread; each look is made anew and takes up to a few seconds. */
public final class Doctor {
    private final Kernel kernel;

    /** @param kernel the running one, or a fake */
    public Doctor(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Everything that was looked at, in the order of {@link Area}; never empty, and never an exception. */
    public List<Finding> examine() {
        SystemChecks system = new SystemChecks(kernel.facts());
        List<Finding> findings = new ArrayList<>(system.all());
        findings.addAll(system.usualPlaces());
        findings.addAll(besidesSystem());
        return findings;
    }

    /**
     * The same for a proxy with this configuration: its places are judged instead of the usual ones.
     *
     * @param file where the configuration is
     */
    public List<Finding> examine(Config config, Path file) {
        List<Finding> findings = new ArrayList<>(new SystemChecks(kernel.facts()).all());
        findings.addAll(besidesSystem());
        findings.addAll(new ConfigurationChecks(kernel, config, file).all());
        return findings;
    }

    private List<Finding> besidesSystem() {
        List<Finding> findings = new ArrayList<>(new PrivilegeChecks(kernel.facts()).all());
        findings.addAll(new InterfaceChecks(kernel).all());
        findings.addAll(new DataPathChecks(kernel).all());
        return findings;
    }
}
