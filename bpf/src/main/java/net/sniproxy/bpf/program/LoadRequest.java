package net.sniproxy.bpf.program;

import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.ToIntFunction;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.LinkedProgram;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * A program with everything that depends on the running kernel filled in.
 *
 * @param name the kernel keeps the first 15 characters
 * @param type kind of program
 * @param attachType where it will be attached, for the types that must know it at load
 * @param attachBtfId for tracing: what it will be attached to, in the kernel's own BTF; else 0
 * @param license decides about helpers that are for GPL programs only
 * @param instructions 8-byte slots in the machine's byte order, with descriptors of maps
 * @param debugInfo ties it to its BTF
 */
public record LoadRequest(
        String name,
        ProgramType type,
        Optional<AttachType> attachType,
        int attachBtfId,
        String license,
        byte[] instructions,
        DebugInfo debugInfo) {

    /**
     * Fills in the maps.
     *
     * @param mapDescriptors gives the descriptor of each map that the program names
     */
    public static LoadRequest of(
            ProgramSpec spec,
            LinkedProgram linked,
            ToIntFunction<String> mapDescriptors,
            int attachBtfId,
            DebugInfo debugInfo) {
        byte[] code = linked.code().withMaps(mapDescriptors).encode(ByteOrder.nativeOrder());
        return new LoadRequest(
                spec.name(), spec.type(), spec.attachType(), attachBtfId, spec.license(), code, debugInfo);
    }
}
