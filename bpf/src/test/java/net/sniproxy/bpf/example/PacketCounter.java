package net.sniproxy.bpf.example;

import java.util.List;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.asm.AluOperation;
import net.sniproxy.bpf.asm.Assembler;
import net.sniproxy.bpf.asm.Condition;
import net.sniproxy.bpf.asm.Helper;
import net.sniproxy.bpf.asm.Instruction.AluConstant;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.Load;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.Move;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import net.sniproxy.bpf.asm.Instruction.Store;
import net.sniproxy.bpf.asm.Instruction.StoreConstant;
import net.sniproxy.bpf.asm.Label;
import net.sniproxy.bpf.asm.Register;
import net.sniproxy.bpf.asm.Size;
import net.sniproxy.bpf.asm.Width;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.link.Link;
import net.sniproxy.bpf.link.Xdp;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.PerCpuMap;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;

/** Counts the packets that arrive at an interface while something runs. */
final class PacketCounter {
    private static final int XDP_PASS = 2;

    private PacketCounter() {}

    static long countWhile(Runnable action, int interfaceIndex) {
        Kernel kernel = Kernel.running();
        try (LoadedObject object = LoadedObject.load(kernel, spec())) {
            try (Link _ = Xdp.attachInBestMode(kernel, object.program("count"), interfaceIndex)) {
                action.run();
            }
            PerCpuMap<Integer, Long> packets = PerCpuMap.of(object.map("PACKETS"), Codec.u32(), Codec.u64());
            return packets.lookup(0).orElseThrow().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    private static ObjectSpec spec() {
        MapSpec packets = MapSpec.named("PACKETS", MapType.PERCPU_ARRAY)
                .key(IntegerLayout.U32)
                .value(IntegerLayout.U64)
                .maxEntries(1)
                .build();
        Label pass = Label.named("pass");
        Assembler code = new Assembler()
                .line("PacketCounter.java", 1, 1, "long[] packets = PACKETS.lookup(0);")
                .add(new StoreConstant(Size.U32, Register.R10, (short) -4, 0))
                .add(new Move(Width.BITS_64, Register.R2, Register.R10))
                .add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R2, -4))
                .add(new LoadMap(Register.R1, "PACKETS"))
                .add(Helper.MAP_LOOKUP_ELEM.call())
                .line("PacketCounter.java", 2, 1, "if (packets != null) packets[0]++;")
                .jumpIf(Width.BITS_64, Condition.EQ, Register.R0, 0, pass)
                .add(new Load(Size.U64, Register.R1, Register.R0, (short) 0))
                .add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R1, 1))
                .add(new Store(Size.U64, Register.R0, (short) 0, Register.R1))
                .label(pass)
                .line("PacketCounter.java", 3, 1, "return XDP_PASS;")
                .add(new MoveConstant(Width.BITS_64, Register.R0, XDP_PASS), new Exit());
        ProgramSpec count = ProgramSpec.named("count", ProgramType.XDP)
                .code(code.assemble())
                .build();
        return new ObjectSpec(List.of(packets), List.of(count));
    }
}
