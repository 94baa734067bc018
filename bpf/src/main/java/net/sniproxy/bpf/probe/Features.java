package net.sniproxy.bpf.probe;

import java.util.List;
import java.util.function.Supplier;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.VerifierException;
import net.sniproxy.bpf.asm.Helper;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import net.sniproxy.bpf.asm.Register;
import net.sniproxy.bpf.asm.Width;
import net.sniproxy.bpf.btf.BtfBuilder;
import net.sniproxy.bpf.btf.LayoutTypes;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.load.LoadOptions;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.load.LoadedTypes;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.sys.Errno;

/**
 * Finds out what the running kernel can do by loading something small that needs it, and unloading it again. A refusal
 * for lack of privilege is no answer but an error. Safe for use by many threads; every question is asked anew.
 */
public final class Features {
    private final Kernel kernel;
    private final LoadOptions options;

    /** Asks this kernel. */
    public Features(Kernel kernel) {
        this(kernel, LoadOptions.defaults());
    }

    /** @param options how to load; a supplier of the kernel's types that remembers them saves time */
    public Features(Kernel kernel, LoadOptions options) {
        this.kernel = kernel;
        this.options = options;
    }

    /**
     * Whether maps of this type can be made.
     *
     * @throws BpfException EPERM without privilege
     */
    public Support map(MapType type) {
        int pageSize = (int) kernel.facts().pageSize();
        return attempt(() -> load(new ObjectSpec(List.of(Samples.map(type, pageSize)), List.of())));
    }

    /**
     * Whether programs of this type can be loaded.
     *
     * @throws BpfException EPERM without privilege
     */
    public Support program(ProgramType type) {
        return attempt(() -> loadProgram(type, Samples.RETURN_ZERO));
    }

    /**
     * Whether programs of this type may call this helper.
     *
     * @throws BpfException EPERM without privilege
     */
    public Support helper(ProgramType type, Helper helper) {
        Instruction returnZero = new MoveConstant(Width.BITS_64, Register.R0, 0);
        try {
            return attempt(() -> loadProgram(type, helper.call(), returnZero, new Exit()));
        } catch (VerifierException rejection) {
            return judge(rejection, type, helper);
        }
    }

    /** The verifier has words of its own for a call that is not possible; any other complaint is about arguments. */
    private static Support judge(VerifierException rejection, ProgramType type, Helper helper) {
        String log = rejection.log();
        boolean impossible = log.contains("invalid func ")
                || log.contains("unknown func ")
                || log.contains("program of this type cannot use helper ");
        return impossible
                ? new Support.No(type.kernelName() + " programs cannot call " + helper.functionName())
                : new Support.Yes();
    }

    /**
     * Whether the kernel takes BTF.
     *
     * @throws BpfException EPERM without privilege
     */
    public Support btf() {
        BtfBuilder types = new BtfBuilder();
        LayoutTypes.add(types, IntegerLayout.U32);
        return attempt(() -> LoadedTypes.load(kernel, types.build(), "probe for BTF"));
    }

    /**
     * Whether programs can be attached to places of this type. No program gets to run: the kernel is asked for a place
     * that does not exist, and its answer shows whether it knows the type.
     *
     * @throws BpfException EPERM without privilege
     */
    public Support attachment(AttachType place) {
        if (place == AttachType.XDP) {
            return xdpLink();
        }
        ObjectSpec spec = new ObjectSpec(List.of(), List.of(Samples.program(place)));
        try (LoadedObject object = load(spec)) {
            return new AttachProbe(kernel).probe(object.program("probe"), place);
        } catch (BpfException refusal) {
            return refused(refusal);
        }
    }

    // For XDP the kernel answers the same to an unknown type and to an unknown interface, so its types must tell.
    private Support xdpLink() {
        return options.kernelTypes().get().functionId("bpf_xdp_link_attach").isPresent()
                ? program(ProgramType.XDP)
                : new Support.No("the kernel has no links for XDP, which came with Linux 5.9");
    }

    private LoadedObject loadProgram(ProgramType type, Instruction... code) {
        return load(new ObjectSpec(List.of(), List.of(Samples.program(type, code))));
    }

    private LoadedObject load(ObjectSpec spec) {
        return LoadedObject.load(kernel, spec, options);
    }

    private static Support attempt(Supplier<? extends AutoCloseable> action) {
        try (AutoCloseable _ = action.get()) {
            return new Support.Yes();
        } catch (BpfException refusal) {
            return refused(refusal);
        } catch (RuntimeException failure) {
            throw failure;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A complaint of the verifier is for the caller to judge, lack of privilege for the user. */
    private static Support refused(BpfException refusal) {
        if (refusal instanceof VerifierException || refusal.errno().equals(Errno.EPERM)) {
            throw refusal;
        }
        return new Support.No(String.valueOf(refusal.getMessage()));
    }
}
