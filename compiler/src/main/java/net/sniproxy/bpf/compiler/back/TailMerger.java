package net.sniproxy.bpf.compiler.back;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Leads all ways to blocks with the same instructions to one of them: most of them return the same verdict. */
final class TailMerger {
    private TailMerger() {}

    private record Content(List<Machine> instructions, MachineBlock.End end) {}

    static void run(MachineFunction function) {
        boolean changed = true;
        while (changed) {
            Map<Content, MachineBlock> first = new HashMap<>();
            Map<MachineBlock, MachineBlock> merged = new HashMap<>();
            for (MachineBlock block : function.blocks()) {
                List<Machine> instructions =
                        block.items().stream().map(MachineBlock.Item::machine).toList();
                MachineBlock same = first.putIfAbsent(new Content(instructions, block.end()), block);
                // The entry stays where it is: it is the first one.
                if (same != null) {
                    merged.put(block, same);
                }
            }
            changed = !merged.isEmpty();
            function.blocks().removeAll(merged.keySet());
            for (MachineBlock block : function.blocks()) {
                block.end(redirect(block.end(), merged));
            }
        }
        skipEmpty(function);
    }

    private static MachineBlock.End redirect(MachineBlock.End end, Map<MachineBlock, MachineBlock> merged) {
        return switch (end) {
            case MachineBlock.End.Leave leave -> leave;
            case MachineBlock.End.Jump(MachineBlock target) ->
                new MachineBlock.End.Jump(merged.getOrDefault(target, target));
            case MachineBlock.End.Branch branch -> {
                MachineBlock then = merged.getOrDefault(branch.then(), branch.then());
                MachineBlock otherwise = merged.getOrDefault(branch.otherwise(), branch.otherwise());
                yield then == otherwise
                        ? new MachineBlock.End.Jump(then)
                        : new MachineBlock.End.Branch(
                                branch.condition(),
                                branch.wide(),
                                branch.left(),
                                branch.right(),
                                branch.constant(),
                                then,
                                otherwise,
                                branch.position());
            }
        };
    }

    /** Blocks that held only copies which the allocator made superfluous. */
    private static void skipEmpty(MachineFunction function) {
        for (MachineBlock block : new ArrayList<>(function.blocks())) {
            boolean entry = block == function.blocks().getFirst();
            if (!entry
                    && block.items().isEmpty()
                    && block.end() instanceof MachineBlock.End.Jump(MachineBlock target)
                    && target != block) {
                function.blocks().remove(block);
                Map<MachineBlock, MachineBlock> skipped = Map.of(block, target);
                function.blocks().forEach(other -> other.end(redirect(other.end(), skipped)));
            }
        }
    }
}
