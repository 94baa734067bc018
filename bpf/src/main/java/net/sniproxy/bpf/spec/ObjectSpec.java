package net.sniproxy.bpf.spec;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Maps and programs that belong together.
 *
 * @param maps     with unique names
 * @param programs with unique names; the maps they load are among {@code maps}
 */
public record ObjectSpec(List<MapSpec> maps, List<ProgramSpec> programs) {
    public ObjectSpec {
        maps = List.copyOf(maps);
        programs = List.copyOf(programs);
        requireUnique("maps", maps.stream().map(MapSpec::name).toList());
        requireUnique("programs", programs.stream().map(ProgramSpec::name).toList());
        Set<String> names = new HashSet<>(maps.stream().map(MapSpec::name).toList());
        for (ProgramSpec program : programs) {
            for (String used : program.link().code().mapNames()) {
                if (!names.contains(used)) {
                    throw new IllegalArgumentException(
                            "program " + program.name() + " uses map " + used + ", which is not in this object");
                }
            }
        }
    }

    /**
     * The map of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public MapSpec map(String name) {
        return maps.stream()
                .filter(map -> map.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no map " + name + " in this object"));
    }

    /**
     * The program of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public ProgramSpec program(String name) {
        return programs.stream()
                .filter(program -> program.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no program " + name + " in this object"));
    }

    private static void requireUnique(String what, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException("two " + what + " of one object are named " + name);
            }
        }
    }
}
