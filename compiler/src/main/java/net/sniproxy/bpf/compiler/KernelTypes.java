package net.sniproxy.bpf.compiler;

import java.util.Optional;
import java.util.function.Supplier;
import net.sniproxy.bpf.btf.Btf;

/** The structs of the kernel that programs will run in. Implementations must be safe for use by one compilation at a time. */
@FunctionalInterface
public interface KernelTypes {

    /**
     * A member of a kernel struct.
     *
     * @param offset in bytes from the start of the struct
     * @param size in bytes: 1, 2, 4 or 8
     * @param signed whether it is a signed number
     */
    record Member(int offset, int size, boolean signed) {}

    /**
     * Looks a member up.
     *
     * @param struct the struct's name, such as {@code sock}
     * @param path member names joined by dots, such as {@code __sk_common.skc_family}
     * @return empty if this kernel has no such struct or member, or the member is a bit field
     */
    Optional<Member> member(String struct, String path);

    /** The structs of a kernel's own BTF, which is read when the first member is asked for. */
    static KernelTypes of(Supplier<Btf> types) {
        return new BtfKernelTypes(types);
    }

    /** Knows no struct. */
    static KernelTypes none() {
        return (_, _) -> Optional.empty();
    }
}
