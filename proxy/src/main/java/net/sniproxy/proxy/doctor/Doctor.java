package net.sniproxy.proxy.doctor;

import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.Kernel;

/** Looks at a machine. For one thread; each look is made anew and takes up to a few seconds. */
public final class Doctor {
    private final Kernel kernel;

    /** @param kernel the running one, or a fake */
    public Doctor(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Everything that was looked at, in the order of {@link Area}; never empty, and never an exception. */
    public List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        findings.addAll(new SystemChecks(kernel.facts()).all());
        findings.addAll(new PrivilegeChecks(kernel.facts()).all());
        findings.addAll(new InterfaceChecks(kernel).all());
        findings.addAll(new DataPathChecks(kernel).all());
        return findings;
    }
}
