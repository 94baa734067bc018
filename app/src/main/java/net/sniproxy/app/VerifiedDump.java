package net.sniproxy.app;

import java.util.List;
import java.util.stream.Collectors;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.RegisterState;
import net.sniproxy.bpf.VerifierWalk;
import net.sniproxy.bpf.VerifierWalk.Visits;
import net.sniproxy.bpf.load.LoadOptions;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.program.VerifierLog;
import net.sniproxy.bpf.spec.LinkedProgram;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;

/** A program with what the kernel's verifier knew at each instruction when it came there first. */
final class VerifiedDump {
    /** The verifier does not look at the size of maps: small ones are made faster. A power of two and of pages. */
    private static final int MAX_ENTRIES = 4096;

    private VerifiedDump() {}

    /**
     * Loads the program, and removes it again.
     *
     * @throws CommandFailure if the kernel refuses
     */
    static String of(ObjectSpec object, ProgramSpec program) {
        ObjectSpec small =
                new ObjectSpec(object.maps().stream().map(VerifiedDump::small).toList(), List.of(program));
        LoadOptions options = LoadOptions.defaults().withVerifierLog(VerifierLog.FULL);
        try (LoadedObject loaded = LoadedObject.load(Kernel.running(), small, options)) {
            VerifierWalk walk = VerifierWalk.of(loaded.program(program.name()).verifierLog());
            LinkedProgram code = program.link();
            return program.name() + ", verified:\n"
                    + CodeListing.of(code.instructions(), code.lines(), slot -> remark(walk, slot));
        } catch (BpfException refused) {
            throw new CommandFailure("cannot show what the verifier knows: " + refused.getMessage(), refused);
        }
    }

    private static MapSpec small(MapSpec map) {
        return map.withMaxEntries(Math.min(map.maxEntries(), MAX_ENTRIES));
    }

    private static String remark(VerifierWalk walk, int slot) {
        Visits visits = walk.visits().get(slot);
        if (visits == null) {
            return "; never reached";
        }
        String states = visits.states().stream().map(RegisterState::words).collect(Collectors.joining("; "));
        String often = visits.count() == 1 ? "" : "(" + visits.count() + " times)";
        String remark = states.isEmpty() || often.isEmpty() ? states + often : states + " " + often;
        return remark.isEmpty() ? "" : "; " + remark;
    }
}
