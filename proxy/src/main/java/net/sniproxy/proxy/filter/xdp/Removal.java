package net.sniproxy.proxy.filter.xdp;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import net.sniproxy.proxy.filter.Cidr;

/**
 * What became of sources that were to be taken from a list.
 *
 * @param removed how many of them commands or their own doing had put there
 * @param configured those that stay, because the configuration names them
 */
public record Removal(int removed, List<Cidr> configured) {
    static Removal of(List<Cidr> blocks, Predicate<Cidr> wasAdded, Collection<Cidr> configured) {
        Set<Cidr> staying = new HashSet<>(configured);
        return new Removal(
                (int) blocks.stream().distinct().filter(wasAdded).count(),
                blocks.stream().distinct().filter(staying::contains).toList());
    }
}
